"""How much can go wrong, and therefore how much has to be shown before a release."""

from __future__ import annotations

from dataclasses import dataclass

from lifecycle.errors import LifecycleError

GATES: tuple[str, ...] = (
    "coding standards",
    "production-like re-creation",
    "revalidation",
    "explainability",
    "governance",
    "data quality",
    "resources",
    "integration",
)
"""The eight gates, in the order in which they are passed: what is cheap to run and likely to fail stands first."""

RISKS: tuple[str, ...] = ("low", "medium", "high")
"""Risk classes, from a prototype among colleagues to a decision about people that a law regulates."""

_IMPACTS = ("low", "medium", "high")
_LOW = ("production-like re-creation", "integration")
_MEDIUM = (*GATES[:3], "data quality", "resources", "integration")


@dataclass(frozen=True)
class Project:
    """What decides how a model is deployed.

    Attributes
    ----------
    name : str
    critical : bool
        Whether people or the business are harmed while it is down or wrong.
    customer_facing : bool
        Whether somebody outside of the house meets its answers.
    impact : str
        Business impact of its decisions: ``"low"``, ``"medium"`` or ``"high"``.
    regulated : bool
        Whether a law or a supervisor asks for evidence.
    """

    name: str
    critical: bool = False
    customer_facing: bool = False
    impact: str = "low"
    regulated: bool = False

    def __post_init__(self) -> None:
        if self.impact not in _IMPACTS:
            raise LifecycleError(
                f"`{self.impact}` is no impact", where=f"project {self.name}", remedy="use " + ", ".join(_IMPACTS)
            )


def risk_class(project: Project) -> str:
    """Sort a project into ``"low"``, ``"medium"`` or ``"high"``.

    High where harm or a law is in play (critical, regulated, or high impact), medium where customers or a medium impact
    are, else low. One reason is enough; reasons do not cancel.
    """
    if project.critical or project.regulated or project.impact == "high":
        return "high"
    return "medium" if project.customer_facing or project.impact == "medium" else "low"


def deployment_style(project: Project) -> str:
    """``"lightweight"`` for a project of low risk, ``"robust"`` for every other."""
    return "lightweight" if risk_class(project) == "low" else "robust"


def blocking_gates(risk: str) -> tuple[str, ...]:
    """Those gates that stop a release of this risk class, in order; the others run too, and only leave their evidence.

    Raises
    ------
    LifecycleError
        For a risk class that is none.
    """
    if risk not in RISKS:
        raise LifecycleError(f"`{risk}` is no risk class", remedy="use " + ", ".join(RISKS))
    return {"low": _LOW, "medium": _MEDIUM, "high": GATES}[risk]
