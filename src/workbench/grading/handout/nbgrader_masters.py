"""The text of an exercise master and its checks, made of what an assignment for nbgrader held."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from workbench import regions, syntax
from workbench.checks.inherited import RUNNER

# A comment, for the author alone: the check module that students get has none.
_LABEL = """\
# The tests came from nbgrader. They run in the student's own process, so whoever wants to can forge their verdict:
# rewrite each question as a check that reads values and calls functions, and take its `forgeable` away.
"""
TAKEN = frozenset({"attempted", "inherited", "manual", "part", "question"})
"""Names that the modules written here import: no question can be called so."""
_BEGIN, _END = "BEGIN ", "END "


@dataclass
class Tests:
    """One cell of tests: what students see of it, what they do not, and its points."""

    name: str
    points: float
    shown: str
    hidden: str

    @property
    def shown_points(self) -> float:
        """Of its points, those of the visible question: a tenth for an answer that is there, where all tests are hidden."""
        if not does_something(self.hidden):
            return self.points
        return round(self.points * (0.5 if does_something(self.shown) else 0.1), 4)

    @property
    def hidden_points(self) -> float:
        """The rest."""
        return round(self.points - self.shown_points, 4)


@dataclass
class Item:
    """One cell of the exercise to be written.

    Attributes
    ----------
    kind : str
        ``text``, ``code``, ``answer``, ``words`` (read by a person) or ``check``.
    slug : str
        The question's own name, without the module's.
    points : float
        For a question without tests.
    """

    kind: Literal["text", "code", "answer", "words", "check"]
    source: str
    slug: str = ""
    title: str = ""
    points: float = 0.0
    tests: list[Tests] = field(default_factory=list)


def in_region(source: str) -> str:
    """`source` with nbgrader's solution marks written as ours; all of it is the solution where it has none."""
    marked = _marked(source, "SOLUTION", regions.BEGIN, regions.END)
    if regions.BEGIN in marked:
        return marked
    return f"{regions.BEGIN}\n{source}\n{regions.END}"


def without_hidden(source: str) -> tuple[str, str]:
    """Tests that students see, and those that they do not."""
    return _split(source, "HIDDEN TESTS")


def without_scheme(source: str) -> tuple[str, str]:
    """A task, and the marking scheme in it."""
    return _split(source, "MARK SCHEME")


def without_magics(source: str) -> tuple[str, list[str]]:
    """`source` with each line that is IPython's, not Python's, made a comment; and these lines."""
    if is_python(source):
        return source, []
    kept, left_out = [], []
    for line in source.split("\n"):
        magic = line.lstrip().startswith(("%", "!"))
        left_out += [line.strip()] if magic else []
        kept.append(f"# {line}" if magic else line)
    return "\n".join(kept), left_out


def is_python(source: str) -> bool:
    """Whether `source` can be compiled; it is the instructor's own."""
    try:
        syntax.tree(source)
    except SyntaxError:
        return False
    return True


def does_something(source: str) -> bool:
    """Whether there is anything but comments."""
    return any(line.strip() and not line.strip().startswith("#") for line in source.split("\n"))


def exercise(items: Sequence[Item], module: str, *, title: str, number: str) -> str:
    """The exercise's master."""
    cells = [_markdown(f"# Exercise {number} · {title}"), _code("from workbench import check")]
    if any(item.tests for item in items):
        cells.append(_code(f"from workbench.checks.inherited import tests_in\n\n{RUNNER} = tests_in(globals())"))
    for item in items:
        tag = f"question:{module}.{item.slug}"
        if item.kind == "text":
            cells.append(_markdown(item.source))
        elif item.kind == "words":
            cells.append(_markdown(item.source, tag))
        elif item.kind == "check":
            cells.append(_code(f'check("{module}.{item.slug}")'))
        else:
            cells.append(_code(item.source, tag if item.kind == "answer" else ""))
    cells.append(_code("check.progress()"))
    return "\n\n".join(cells) + "\n"


def checks(items: Sequence[Item], module: str, *, number: str) -> str:
    """The module of the visible questions."""
    parts = [_manual(item, module) for item in items if item.kind == "words"]
    parts += [_question(item, module) for item in items if item.kind == "answer"]
    return _module(f"Checks of exercise {number}.", parts, manual=any(item.kind == "words" for item in items))


def hidden(items: Sequence[Item], module: str, *, number: str) -> str:
    """The module of the hidden questions; empty where there are none."""
    parts = [_hidden_question(item, module) for item in items if any(one.hidden_points for one in item.tests)]
    return _module(f"Hidden questions on exercise {number}. Never handed out.", parts) if parts else ""


def _module(title: str, parts: Sequence[str], *, manual: bool = False) -> str:
    body = "\n\n\n".join(parts)
    head = f'"""{title}"""\n\n{_LABEL}\nfrom __future__ import annotations\n\n'
    names = [
        name for name, used in (("manual", manual), ("part", "part(" in body), ("question", "@question" in body)) if used
    ]
    head += f"from workbench.checks import {', '.join(names)}\n"
    tools = [name for name in ("attempted", "inherited") if f"{name}(" in body]
    head += f"from workbench.checks.inherited import {', '.join(tools)}\n" if tools else ""
    return f"{head}\n\n{body}\n"


def _manual(item: Item, module: str) -> str:
    return (
        f"{item.slug} = manual(\n    {f'{module}.{item.slug}'!r},\n    title={item.title!r},\n"
        f'    criteria=[("answers what was asked", {item.points:g})],\n)'
    )


def _question(item: Item, module: str) -> str:
    names = _names_in(item.source)
    points = round(sum(one.shown_points for one in item.tests), 4) or item.points
    head = _head(f"{module}.{item.slug}", item.title, points)
    if not item.tests:
        return f"{head}def {item.slug}(answer, key):\n    attempted(answer, {names!r})"
    constants, lines = [], []
    for number, one in enumerate(item.tests, 1):
        if does_something(one.shown):
            constant = f"{item.slug.upper()}_{number}"
            constants.append(f"{constant} = {_text(one.shown)}")
            lines.append(
                _part(one.shown_points, f"the tests of `{one.name}`", f"inherited(answer, key, {constant}, names={names!r})")
            )
        else:
            lines.append(_part(one.shown_points, "the answer is there", f"attempted(answer, {names!r})"))
    return "\n".join([*constants, *([""] * 2 if constants else []), f"{head}def {item.slug}(answer, key):", *lines])


def _hidden_question(item: Item, module: str) -> str:
    names, tests = _names_in(item.source), [one for one in item.tests if one.hidden_points]
    slug = f"{item.slug}_hidden"
    constants, lines = [], []
    for number, one in enumerate(tests, 1):
        constant = f"{slug.upper()}_{number}"
        constants.append(f"{constant} = {_text(one.shown + chr(10) + one.hidden)}")
        lines.append(
            _part(one.hidden_points, f"the tests of `{one.name}`", f"inherited(answer, key, {constant}, names={names!r})")
        )
    points = round(sum(one.hidden_points for one in tests), 4)
    head = _head(f"{module}.{slug}", f"{item.title}, further tests", points, of=f"{module}.{item.slug}")
    return "\n".join([*constants, "", "", f"{head}def {slug}(answer, key):", *lines])


def _head(slug: str, title: str, points: float, *, of: str = "") -> str:
    of_line = f"    of={of!r},\n" if of else ""
    return f"@question(\n    {slug!r},\n{of_line}    title={title!r},\n    points={points:g},\n    forgeable=True,\n)\n"


def _part(points: float, message: str, line: str) -> str:
    return f"    with part({points:g}, {message!r}):\n        {line}"


def _text(source: str) -> str:
    for quotes in ('"""', "'''"):
        if "\\" not in source and quotes not in source:
            return f"{quotes}\\\n{source.strip()}\n{quotes}"
    return repr(source)


def _names_in(source: str) -> list[str]:
    """The public names that an answer's cell defines."""
    found: dict[str, None] = {}
    for node in syntax.tree(source).body if is_python(source) else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = None
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            named = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {one.id: None for target in named for one in ast.walk(target) if isinstance(one, ast.Name)}
    return [name for name in found if not name.startswith("_")]


def _markdown(source: str, tag: str = "") -> str:
    # A line that would open a cell is moved by a blank.
    lines = (f" {line}" if line.startswith("%%") else line for line in source.split("\n"))
    return "\n".join([f"# %% [markdown]{_tags(tag)}", *(f"# {line}".rstrip() for line in lines)])


def _code(source: str, tag: str = "") -> str:
    return f"# %%{_tags(tag)}\n" + source.strip("\n").replace("\n# %%", "\n#  %%")


def _tags(tag: str) -> str:
    return f' tags=["{tag}"]' if tag else ""


def _marked(source: str, what: str, begin: str, end: str) -> str:
    """`source` with its lines that begin and end a region replaced, at their indentation."""
    kept = []
    for line in source.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        kept.append(f"{indent}{begin}" if _BEGIN + what in line else f"{indent}{end}" if _END + what in line else line)
    return "\n".join(kept)


def _split(source: str, what: str) -> tuple[str, str]:
    """What is outside of the regions called `what`, and what is inside."""
    outside: list[str] = []
    inside: list[str] = []
    within = False
    for line in source.split("\n"):
        if _BEGIN + what in line or _END + what in line:
            within = _BEGIN + what in line
        else:
            (inside if within else outside).append(line)
    return "\n".join(outside).strip("\n"), "\n".join(inside).strip("\n")
