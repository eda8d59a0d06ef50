"""What a lesson's imports reach: enough, and no more."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import modules, reach

TREE = {
    "pkg/__init__.py": '"""About."""\n__all__ = ["far"]\n',
    "pkg/stage/__init__.py": """
        from pkg.stage.loading import load
        from .plots import draw as picture
        from . import tools
        __all__ = ["load", "picture"]
    """,
    "pkg/stage/loading.py": """
        from pkg import far
        from pkg.stage.tools import helper
        LIMIT = 3
        def load(n):
            return helper(n) + LIMIT
        def unrelated():
            return far.away()
    """,
    "pkg/stage/tools.py": """
        def helper(n):
            return deeper(n)
        def deeper(n):
            return n
        def idle():
            return 0
        class Box:
            def open(self):
                return idle()
    """,
    "pkg/stage/plots.py": """
        def draw():
            from pkg.far import away
            return away()
    """,
    "pkg/far.py": """
        def away():
            return 1
        def nearby():
            return 2
    """,
}
Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Write the small package, with some files replaced or added."""

    def write(**changed: str) -> Path:
        for name, text in {**TREE, **changed}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        modules._read.cache_clear()  # files of one size may be written twice within the clock's resolution
        return tmp_path

    return write


def reached(source: str, root: Path) -> set[str]:
    return {name for name in reach.of_source(dedent(source), [root]) if not name.startswith("__main__")}


def test_a_re_export_is_followed_without_its_neighbours(tree: Tree) -> None:
    found = reached("from pkg.stage import load", tree())
    assert found == {
        "pkg.stage.loading:load", "pkg.stage.loading:", "pkg.stage.tools:helper", "pkg.stage.tools:deeper",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from pkg.stage import picture", {"pkg.stage.plots:draw", "pkg.far:away"}),
        ("from pkg import far\nfar.nearby()", {"pkg.far:nearby"}),
        ("import pkg.far\npkg.far.nearby()", {"pkg.far:nearby"}),
        ("import pkg.far as f\nf.nearby()", {"pkg.far:nearby"}),
        ("import pkg.far as f\nprint(f)", {"pkg.far:nearby", "pkg.far:away"}),
        ("import pkg.far as f", set()),
        ("from pkg.far import *", {"pkg.far:nearby", "pkg.far:away"}),
        ("from pkg.stage import tools\ntools.idle()", {"pkg.stage.tools:idle"}),
        ("from pkg.stage.tools import Box", {"pkg.stage.tools:Box", "pkg.stage.tools:idle"}),
        ("import pkg.stage as s\ns.tools.idle()", {"pkg.stage.tools:idle"}),
        ("def f():\n    import pkg.far\n    return pkg.far.away", {"pkg.far:away"}),
        ("import numpy, os.path\nfrom json import loads\nnumpy.ones(loads('1'))", set()),
        ("await something", set()),
        ("this is not Python", set()),
    ],
)
def test_names_lead_to_definitions(tree: Tree, source: str, expected: set[str]) -> None:
    assert reached(source, tree()) == expected


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("pkg/stage/tools.py", "return 0", "return 99"),
        ("pkg/stage/tools.py", "return n", "return  n  # the same"),
        ("pkg/stage/tools.py", "def idle():", "def idle(\n        ):"),
        ("pkg/stage/loading.py", "return far.away()", "return far.nearby()"),
        ("pkg/stage/__init__.py", "__all__ =", "from pkg.far import nearby\n        __all__ ="),
        ("pkg/far.py", "return 1", "return 7"),
        ("pkg/__init__.py", "About", "Another essay"),
    ],
)
def test_what_the_lesson_does_not_reach_changes_nothing(tree: Tree, file: str, old: str, new: str) -> None:
    before = reach.of_source("from pkg.stage import load", [tree()])
    assert old in TREE[file]
    after = reach.of_source("from pkg.stage import load", [tree(**{file: TREE[file].replace(old, new)})])
    assert before == after


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("pkg/stage/tools.py", "return n", "return n + 1"),  # two calls away
        ("pkg/stage/loading.py", "LIMIT = 3", "LIMIT = 4"),
        ("pkg/stage/loading.py", "LIMIT = 3", "LIMIT = 3\n        OTHER = 3"),
        ("pkg/stage/loading.py", "def load(n):", "def load(n=1):"),
    ],
)
def test_what_it_reaches_counts(tree: Tree, file: str, old: str, new: str) -> None:
    before = reach.of_source("from pkg.stage import load", [tree()])
    assert old in TREE[file]
    after = reach.of_source("from pkg.stage import load", [tree(**{file: TREE[file].replace(old, new)})])
    assert before != after


LAZY_TABLE = """
    _PLACES = {"load": "pkg.stage.loading", "idle": ".tools"}
    def __getattr__(name):
        from importlib import import_module
        return getattr(import_module(_PLACES[name]), name)
"""
LAZY_IF = """
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        from pkg.stage.tools import idle
    def __getattr__(name):
        if name == "idle":
            from pkg.stage.tools import idle
            return idle
        if name == "picture":
            from pkg.stage.plots import draw
            return draw
        raise AttributeError(name)
"""


@pytest.mark.parametrize("lazy", [LAZY_TABLE, LAZY_IF], ids=["table", "if"])
def test_a_lazy_name_is_followed_to_its_own_module(tree: Tree, lazy: str) -> None:
    found = reached("from pkg.stage import idle", tree(**{"pkg/stage/__init__.py": lazy}))
    assert found - {"pkg.stage:"} == {"pkg.stage:__getattr__", "pkg.stage.tools:idle"}


def test_a_lazy_name_that_cannot_be_found_reaches_all_it_might_mean(tree: Tree) -> None:
    lazy = "def __getattr__(name):\n    return find(name)\n"
    found = reached("from pkg.stage import draw", tree(**{"pkg/stage/__init__.py": lazy}))
    assert {"pkg.stage.plots:draw", "pkg.stage.loading:load", "pkg.stage:__getattr__"} <= found


def test_a_function_that_a_decorator_registers_counts_without_being_named(tree: Tree) -> None:
    registry = """
        import functools
        KNOWN = {}
        def register(f):
            KNOWN[f.__name__] = f
            return f
        @register
        def credit():
            return away()
        @functools.cache
        def idle():
            return 1
        def away():
            return 1
        def use(name):
            return KNOWN[name]()
    """
    found = reached("from pkg.cases import use", tree(**{"pkg/cases.py": registry}))
    assert {"pkg.cases:credit", "pkg.cases:away", "pkg.cases:register"} <= found
    assert "pkg.cases:idle" not in found


def test_import_by_text_reaches_the_whole_package(tree: Tree) -> None:
    dynamic = "import importlib\ndef pick(name):\n    return importlib.import_module(f'pkg.stage.{name}')\n"
    found = reached("from pkg.stage.dynamic import pick", tree(**{"pkg/stage/dynamic.py": dynamic}))
    assert "pkg.stage.plots:draw" in found


def test_files_beside_a_module_that_reads_them_count(tree: Tree) -> None:
    root = tree(
        **{
            "pkg/stage/reader.py": "from pathlib import Path\ndef read():\n    return Path(__file__).with_name('a.csv')\n",
            "pkg/stage/data/a.csv": "1\n",
        }
    )
    assert "pkg/stage/data/a.csv" in reached("from pkg.stage.reader import read", root)
    assert "pkg/stage/data/a.csv" not in reached("from pkg.far import away", root)


def test_modules_that_import_each_other_come_to_an_end(tree: Tree) -> None:
    one = "from pkg import two\nfrom pkg.two import g\ndef f():\n    return two.g()\n"
    two = "from pkg.one import f\ndef g():\n    return f()\n"
    root = tree(**{"pkg/one.py": one, "pkg/two.py": two})
    assert reached("from pkg.one import f, g", root) == {"pkg.one:f", "pkg.two:g"}
    loop = {"pkg/one.py": "from pkg.two import f\n", "pkg/two.py": "from pkg.one import f\n"}
    assert reached("from pkg.one import f", tree(**loop)) == set()


@settings(max_examples=40, deadline=None)
@given(
    edges=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12),
    start=st.integers(0, 5),
    touched=st.integers(0, 5),
)
def test_a_function_counts_exactly_when_calls_lead_to_it(
    edges: set[tuple[int, int]], start: int, touched: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("tree")

    def write(changed: int | None) -> dict[str, str]:
        for i in range(6):
            targets = sorted(b for a, b in edges if a == i)
            lines = [f"from pkg.m{b} import f{b}" for b in targets]
            body = "".join(f"    f{b}()\n" for b in targets)
            lines.append(f"def f{i}():\n{body}    return {i + (100 if i == changed else 0)}\n")
            (root / "pkg").mkdir(exist_ok=True)
            (root / "pkg" / f"m{i}.py").write_text("\n".join(lines), encoding="utf-8")
        modules._read.cache_clear()
        return reach.of_source(f"from pkg.m{start} import f{start}", [root])

    led_to, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for a, b in edges:
            if a == here and b not in led_to:
                led_to.add(b)
                waiting.append(b)
    assert (write(None) != write(touched)) == (touched in led_to)


@given(
    st.sampled_from(
        ["x = 1", "def f(a, *, b=2):\n    return f'{a!r:>{b}}'", "class A(B):\n    y: int = 3", "d = {**a, 1: None}"]
    )
)
def test_the_digest_ignores_layout_and_tells_code_apart(source: str) -> None:
    def digest(text: str) -> str:
        module = modules.parse(text, name="m")
        return modules.digest([*module.statements, *(node for nodes in module.definitions.values() for node in nodes)])

    assert digest(source) == digest(f"# a comment\n\n{source}  # another\n")
    assert digest(source) != digest(source.replace("1", "7").replace("2", "7").replace("3", "7"))


def test_a_definition_has_the_same_digest_on_every_python_on_this_machine() -> None:
    code = """if True:
        import sys
        from workbench import modules
        print(modules.digest(modules.parse(sys.stdin.read(), name="m").statements))"""
    text = "width = 3\nword = f'{width:<{width}} {width!r:>4}' f'{width}' ''\nempty = f''\n"
    others = [shutil.which(f"python3.{minor}") for minor in (11, 12, 13)]
    working = [p for p in others if p and not subprocess.run([p, "-c", ""], capture_output=True, check=False).returncode]
    if not working:
        pytest.skip("no python3.11, 3.12 or 3.13 on the path to compare with")
    environment = {**os.environ, "PYTHONPATH": str(Path(modules.__file__).parents[1])}
    digests = {
        subprocess.run(
            [p, "-c", code], input=text, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()
        for p in working
    }
    assert digests == {modules.digest(modules.parse(text, name="m").statements)}


def test_empty_pieces_of_an_f_string_do_not_count() -> None:
    plain = ast.parse("f'{x}'").body
    padded = ast.parse("f'{x}'").body
    padded[0].value.values.append(ast.Constant(""))  # type: ignore[attr-defined]
    assert modules.digest(plain) == modules.digest(padded)
