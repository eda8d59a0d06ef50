"""``python -m workbench.grading.execution.submission``: a submission's process begins; all that it does is in `student`.

A module of its own, since what runs as ``__main__`` is compiled anew each time, and `student` has been imported already.
"""

from __future__ import annotations

from workbench.grading.execution import student

if __name__ == "__main__":
    student.main()
