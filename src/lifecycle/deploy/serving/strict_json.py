"""Reading JSON as its standard has it, which is less than Python's reader lets through."""

from __future__ import annotations

import json
from typing import Any

from lifecycle.deploy.serving.refusal import RefusalError, shown


def read_json(body: bytes) -> Any:
    """The value that `body` holds.

    Python's own reader takes ``NaN`` and ``Infinity``, keeps the last of two equal names without a word, and can be
    brought to its recursion limit. Here each of them is refused.

    Parameters
    ----------
    body : bytes
        UTF-8, without a byte order mark.

    Raises
    ------
    RefusalError
        With status 400, when it is not JSON.
    """
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except RecursionError:
        raise RefusalError(400, "the body is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise RefusalError(400, f"the body is not UTF-8: byte {error.start} starts no character") from None
    except json.JSONDecodeError as error:
        raise RefusalError(400, f"the body is not JSON: {error.msg} at character {error.pos}") from None
    except ValueError:  # a whole number with more digits than Python converts
        raise RefusalError(400, "the body holds a number with too many digits") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        seen: set[str] = set()
        name = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise RefusalError(400, f"the body names `{shown(name)}` twice")
    return content


def _no_constant(name: str) -> Any:
    raise RefusalError(400, f"the body holds {name}, which JSON has no notation for: leave out what is not known")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
