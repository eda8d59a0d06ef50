"""What the service answers, as its description has it. Loads pydantic: only `routes` imports it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Which model answered."""

    model_config = ConfigDict(extra="forbid")
    name: str
    version: str
    digest: str = Field(description="SHA-256 of the package's manifest.", pattern="^[0-9a-f]{64}$")


class ReasonGiven(BaseModel):
    """A feature that argued for the decision."""

    model_config = ConfigDict(extra="forbid")
    feature: str
    value: float
    wording: str
    direction: str = Field(pattern="^(raises|lowers)$")


class Score(BaseModel):
    """What the model says of one row."""

    model_config = ConfigDict(extra="forbid")
    prediction: int = Field(ge=0, le=1, description="1 where the probability reaches the threshold.")
    probability: float = Field(ge=0, le=1, description="The calibrated chance that the row is positive.")
    risk_score: float = Field(ge=0, le=100, description="Percentile of the probability among the training rows.")
    reasons: list[ReasonGiven] | None = Field(default=None, max_length=3, description="Strongest first.")


class OneAnswer(Score):
    """The answer to a request for one score."""

    model: Model
    request_id: str


class BatchAnswer(BaseModel):
    """The answer to a request for a batch, its rows in the order of the request."""

    model_config = ConfigDict(extra="forbid")
    results: list[Score]
    model: Model
    request_id: str


class Fault(BaseModel):
    """One field that is at fault."""

    model_config = ConfigDict(extra="forbid")
    field: str
    problem: str


class RefusalAnswer(BaseModel):
    """Why there is no score."""

    model_config = ConfigDict(extra="forbid")
    error: str
    fields: list[Fault]
    request_id: str


class State(BaseModel):
    """Health or readiness."""

    model_config = ConfigDict(extra="forbid")
    status: str
