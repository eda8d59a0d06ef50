"""What a judgement rests on: the check's definition, and the key's entries for its question, as one digest.

Two judgements with the same basis would come out the same for the same answer, so a regrade need not look at them. What the
definition reaches counts with it, in its own module and in the course's sources; hints and wrong answers do not.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from workbench import files, modules, reach, targets
from workbench.checks.key import Key
from workbench.errors import GradingError
from workbench.grading.judges import reached

VERSION = 1  # raised when the same check would judge otherwise than before: a change of how values are compared, say
_ASIDE = {"hints", "mutants"}


def of(module: Path, slug: str, key: Key, *, sources: Sequence[Path] = ()) -> str:
    """The digest of what the question `slug` of the check module at `module` is judged by, 64 hexadecimal digits.

    Raises
    ------
    GradingError
        When the module has no such question.
    """
    check = _check(module, slug, tuple(sources), reached.stamp(module, sources))
    return files.digest_json([VERSION, check, list(key.questions.get(slug, ()))])


@lru_cache(maxsize=1024)
def _check(path: Path, slug: str, sources: tuple[Path, ...], _stamp: reached.Stamp) -> str:
    module = modules.read(path, name=path.stem)
    for name, nodes in module.definitions.items():
        for node in nodes:
            decorators = getattr(node, "decorator_list", [])
            if any(targets.argument(decorator, "question") == slug for decorator in decorators):
                own = modules.digest([_bare(node)])
                return files.digest_json([own, reach.of_definition(module, name, sources)])
    raise GradingError(f"there is no question `{slug}`", where=str(path))


def _bare(node: ast.stmt) -> ast.stmt:
    """The definition without what does not decide a verdict."""
    bare = copy.deepcopy(node)
    for decorator in getattr(bare, "decorator_list", []):
        if isinstance(decorator, ast.Call):
            decorator.keywords = [word for word in decorator.keywords if word.arg not in _ASIDE]
    return bare
