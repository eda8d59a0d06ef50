"""``python -m workbench.warm.kernel ARGUMENTS``, in a child of the zygote: ``python -m ipykernel_launcher ARGUMENTS``."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

from workbench.warm.application import IPKernelApp

LAUNCHER = "ipykernel_launcher"


def main() -> None:
    """Run a kernel until it is shut down."""
    launcher = find_spec(LAUNCHER)
    sys.argv[0] = str(launcher.origin) if launcher else LAUNCHER
    sys.orig_argv[2] = LAUNCHER
    if sys.path[0] == os.getcwd():  # noqa: PTH109
        del sys.path[0]  # as the launcher does; the shell puts an empty one there
    IPKernelApp.launch_instance(parent_handle=os.getppid())  # the zygote, which dies when this should


if __name__ == "__main__":
    main()
