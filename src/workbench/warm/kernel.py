"""``python -m workbench.warm.kernel ARGUMENTS``, in a child of the zygote: ``python -m ipykernel_launcher ARGUMENTS``.

A module of its own, because some of what libraries would find in a kernel is there only once the kernel has begun.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import Any

from ipykernel import kernelapp
from traitlets import Integer

from workbench.warm import anew
from workbench.warm.stack import Stream

LAUNCHER = "ipykernel_launcher"


class IPKernelApp(kernelapp.IPKernelApp):
    """ipykernel's own application, told what its class looked up before this process was forked.

    Its name is the same, because a section of the configuration is called after it.
    """

    parent_handle = Integer(os.getppid())  # the zygote, which dies when this should

    def init_io(self) -> None:
        """Redirect the streams, also for libraries that have kept the earlier ones."""
        before = sys.stdout, sys.stderr
        super().init_io()  # type: ignore[no-untyped-call]
        for old, new in zip(before, (sys.stdout, sys.stderr), strict=True):
            Stream.replace(old, new)

    def init_gui_pylab(self) -> None:
        """Set the default backend, also for a matplotlib that is imported already."""
        super().init_gui_pylab()  # type: ignore[no-untyped-call]
        anew.choose_backend()

    def init_kernel(self) -> None:
        """Make the kernel, and tell libraries which would have looked for it."""
        super().init_kernel()  # type: ignore[no-untyped-call]
        widgets: Any = sys.modules.get("ipywidgets")
        if widgets is not None:
            widgets.register_comm_target()


def main() -> None:
    """Run a kernel until it is shut down."""
    launcher = find_spec(LAUNCHER)
    sys.argv[0] = str(launcher.origin) if launcher else LAUNCHER
    sys.orig_argv[2] = LAUNCHER
    if sys.path[0] == os.getcwd():  # noqa: PTH109
        del sys.path[0]  # as the launcher does; the shell puts an empty one there
    IPKernelApp.launch_instance()


if __name__ == "__main__":
    main()
