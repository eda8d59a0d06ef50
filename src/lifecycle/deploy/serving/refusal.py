"""What a service answers when it does not answer: a status, a sentence, and the fields that are at fault."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_NAME = 60


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a request.

    Attributes
    ----------
    field : str
        The path to it, as in ``features.age`` or ``rows[3].age``.
    problem : str
        What is wrong there, as in "must be a number, not text".
    """

    field: str
    problem: str


class RefusalError(Exception):
    """A request that cannot be answered, and whose fault that is.

    Parameters
    ----------
    status : int
        The HTTP status: 4xx when the request is at fault, 503 when the service is.
    error : str
        What is wrong, in one sentence.
    problems : tuple of Problem
        The fields at fault.
    request_id : str, optional
        What the client calls the request, where that much could be read.
    """

    def __init__(
        self, status: int, error: str, problems: tuple[Problem, ...] = (), *, request_id: str | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.problems = problems
        self.request_id = request_id

    def body(self, request_id: str) -> dict[str, object]:
        """The refusal as it is sent; nothing in it but ASCII, whatever the request held."""
        listed = [{"field": each.field, "problem": each.problem} for each in self.problems]
        return {"error": self.error, "fields": listed, "request_id": request_id}


def shown(name: str) -> str:
    """A name out of a request, fit to be repeated: printable ASCII, and no more than 60 characters of it."""
    plain = "".join(letter if " " <= letter <= "~" else "?" for letter in name[: LONGEST_NAME + 1])
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 3] + "..."


def kind_of(value: object) -> str:
    """What JSON calls a value, for messages that must not repeat the value itself."""
    if value is None:
        return "null"
    names = {bool: "a truth value", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), "something else")
