"""``python -m workbench.grading.sandbox.zygote``: a zygote whose children are monitors of submissions."""

from __future__ import annotations

import signal

from workbench.grading.sandbox import kernel, monitor, seccomp
from workbench.warm import zygote

if __name__ == "__main__":
    kernel.prepare()
    seccomp.prepare()
    zygote.main(monitor.keep, ending=signal.SIGTERM)
