"""ipykernel's application for a process that was forked, in a module that is imported before the fork."""

from __future__ import annotations

import atexit
import sys
from typing import Any

from ipykernel import kernelapp

from workbench.warm import anew
from workbench.warm.stack import Stream


class IPKernelApp(kernelapp.IPKernelApp):
    """ipykernel's own application, told what it would have looked up when it began.

    Its name is the same, because a section of the configuration is called after it.
    """

    def init_io(self) -> None:
        """Redirect the streams, also for libraries that have kept the earlier ones."""
        before = sys.stdout, sys.stderr
        super().init_io()  # type: ignore[no-untyped-call]
        for old, new in zip(before, (sys.stdout, sys.stderr), strict=True):
            Stream.replace(old, new)

    def start(self) -> None:
        """Serve until the kernel is shut down."""
        atexit.register(self._last_request)  # before what ipykernel and its threads have registered
        super().start()  # type: ignore[no-untyped-call]

    def _last_request(self) -> None:
        """Wait for the end of the request that ends the kernel.

        Its thread writes out what the streams still hold, by the thread for outputs. Where that one is stopped first, as it
        may be otherwise, the kernel waits for 10 seconds, and its manager ends it by a signal.
        """
        if self.control_thread and self.control_thread.is_alive():
            self.control_thread.stop()
            self.control_thread.join()

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
