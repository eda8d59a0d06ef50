"""The engine of a notebook course: it knows notebooks, and nothing of what they teach.

Data flows one way. A *master* (``master``, ``regions``, ``parameters``) becomes a notebook in ``build``; ``execute`` runs
one notebook, ``run`` a whole catalogue (``catalog``, ``fingerprint``, ``reach``, ``store``) and ``report`` tells what
happened; ``regress`` compares outputs; ``checks`` judges answers and ``gate`` judges the checks. ``course`` says where
everything is.

In a notebook:

>>> from workbench import check, quiz  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.checks.notebook import check
    from workbench.quizzes import quiz

__all__ = ["check", "quiz"]


def __getattr__(name: str) -> Any:
    # Looked up on first use: the engine's own modules must not pay for what only a notebook needs.
    if name == "check":
        from workbench.checks.notebook import check

        return check
    if name == "quiz":
        from workbench.quizzes import quiz

        return quiz
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")
