"""Files that are no notebooks, notebooks that are broken in honest ways, and what only a notebook can do."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from torture.case import HURRY, TRIED, Case, attack, earned, everything, filled
from torture.sheet import HONEST, POINTS, VISIBLE, Sheet


def refused(name: str, data: Callable[[Sheet], bytes]) -> Case:
    """Not to be read at all."""
    return Case(name, "notebooks", lambda sheet, places: data(sheet), refused=True)


def mended(name: str, change: Callable[[Sheet], Any], *flags: str, **rest: Any) -> Case:
    """Honest answers in a notebook that somebody or something has changed: full points, and flags."""

    def build(sheet: Sheet, places: Mapping[str, str]) -> bytes:
        made = change(sheet.honest())
        return made if isinstance(made, bytes) else sheet.bytes()

    return Case(name, "notebooks", build, **{"points": everything(), "flags": frozenset(flags), **rest})


def extra(name: str, source: str, *endings: str, **rest: Any) -> Case:
    """Honest answers, and a cell before them that does something which only a notebook can do."""

    def build(sheet: Sheet, places: Mapping[str, str]) -> bytes:
        return sheet.honest().first(filled(source, places)).add(f"print('{TRIED}')", 1).bytes()

    usual = {
        "points": everything(),
        "endings": frozenset(endings or ("finished",)),
        "flags": frozenset({"added cell"}),
        "proof": not endings,
    }
    return Case(name, "notebooks", build, **{**usual, **rest})


def _cells(sheet: Sheet, change: Callable[[Any], Any]) -> None:
    for cell in sheet.cells:
        change(cell)


def _each(change: Callable[[Any], Any]) -> Callable[[Sheet], None]:
    return lambda sheet: _cells(sheet, change)


def _text(change: Callable[[str], str], encoding: str = "utf-8") -> Callable[[Sheet], bytes]:
    return lambda sheet: change(json.dumps(sheet.notebook)).encode(encoding, "surrogatepass")


def _table(**fields: Any) -> Callable[[Sheet], None]:
    return lambda sheet: sheet.notebook.update(fields)


def _version_3(sheet: Sheet) -> bytes:
    cells = []
    for cell in map(dict, sheet.cells):
        if cell["cell_type"] == "code":
            cell["input"], cell["language"], cell["prompt_number"] = cell.pop("source"), "python", 1
        cell.pop("id")
        cells.append(cell)
    return json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
    ).encode()


def _twice(sheet: Sheet, slug: str, second: str) -> None:
    place = sheet.place(slug)
    sheet.cells.insert(place + 1, {**sheet.cells[place], "source": second})


def _retyped(kind: str) -> Callable[[Sheet], None]:
    def change(sheet: Sheet) -> None:
        cell = sheet.cells[sheet.place("safe.code")]
        cell["cell_type"] = kind

    return change


def _shuffled(sheet: Sheet) -> None:
    sheet.cells.reverse()


def _without(test: Callable[[Any], bool]) -> Callable[[Sheet], None]:
    def change(sheet: Sheet) -> None:
        sheet.notebook["cells"] = [cell for cell in sheet.cells if not test(cell)]

    return change


def _renamed(sheet: Sheet) -> None:
    """As a tool leaves it that knows neither ids nor metadata."""
    for number, cell in enumerate(sheet.cells):
        cell["id"], cell["metadata"] = f"cell-{number}", {}


_ASK = "check("
_SHAPES: dict[str, Any] = {
    "a-list": [],
    "a-number": 4,
    "a-text": "cells",
    "null": None,
    "empty": {},
    "no-cells": {"cells": [], "metadata": {}, "nbformat": 4},
}

CASES: tuple[Case, ...] = (
    refused("empty-file", lambda sheet: b""),
    refused("noise", lambda sheet: bytes(range(256)) * 40),
    refused("cut-in-the-middle", lambda sheet: sheet.honest().bytes()[:1500]),
    refused("not-utf-8", lambda sheet: sheet.honest().bytes().replace(b"# Exercise", b"\xff\xfe\xc3\x28")),
    refused("utf-16", _text(lambda text: text, "utf-16")),
    refused("utf-32", _text(lambda text: text, "utf-32")),
    refused("half-a-gigabyte", lambda sheet: b" " * 500_000_000),
    refused("thirty-megabytes-of-output", lambda sheet: sheet.add("x = " + "1" * 30_000_000).bytes()),
    refused("nested-by-the-million", lambda sheet: b"[" * 5_000_000),
    refused("nested-a-hundred-thousand-deep", lambda sheet: b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    refused("million-cells", lambda sheet: b'{"cells": [' + b"{}," * 1_000_000 + b"{}]}"),
    refused("million-numbers", lambda sheet: b'{"cells": [' + b"0," * 5_000_000 + b"0]}"),
    refused("number-of-a-million-digits", lambda sheet: b'{"cells": ' + b"9" * 1_000_000 + b"}"),
    refused("thousands-of-cells", lambda sheet: _many(sheet, 5_000)),
    refused("one-cell-of-ten-megabytes", lambda sheet: sheet.add("x" * 10_000_000).bytes()),
    refused("html", lambda sheet: b"<!doctype html><title>Log in</title>"),
    refused("zip", lambda sheet: b"PK\x03\x04" + bytes(1000)),
    refused("pickle", lambda sheet: b"\x80\x04\x95\x1b\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x04true\x94\x85\x94R\x94."),
    refused("yaml", lambda sheet: b"!!python/object/apply:os.system ['touch owned']\n"),
    *(refused(f"json-{name}", lambda sheet, value=value: json.dumps(value).encode()) for name, value in _SHAPES.items()),  # type: ignore[misc]
    *(refused(f"cells-are-{name}", lambda sheet, value=value: json.dumps({**sheet.notebook, "cells": value}).encode())  # type: ignore[misc]
      for name, value in {"a-mapping": {"0": 1}, "null": None, "text": "x", "numbers": [1, 2]}.items()),
    # --- broken, but honest -------------------------------------------------------------------------------------------
    mended("honest", lambda sheet: None),
    Case("stub", "notebooks", lambda sheet, places: sheet.bytes()),
    mended("byte-order-mark", _text(lambda text: "\ufeff" + text)),
    mended("pretty-printed", _text(lambda text: json.dumps(json.loads(text), indent=4, ensure_ascii=False))),
    mended("lines-as-lists", _each(lambda cell: cell.update(source=cell["source"].splitlines(keepends=True)))),
    mended("carriage-returns", _each(lambda cell: cell.update(source=cell["source"].replace("\n", "\r\n")))),
    mended("no-kernel-spec", _table(metadata={})),
    mended("kernel-of-another-language", _table(metadata={"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}), "wrong kernel"),
    mended("kernel-that-does-not-exist", _table(metadata={"kernelspec": {"name": "../../bin/sh", "display_name": "<b>", "language": "python"}})),
    mended("metadata-of-another-kind", _table(metadata=[1, 2, 3])),
    mended("metadata-with-yaml-tags", _table(metadata={"jupytext": {"text_representation": "!!python/object/apply:os.system ['touch owned']"}})),
    mended("format-4.0", _table(nbformat_minor=0)),
    mended("format-5", _table(nbformat=5), "odd format"),
    mended("format-of-text", _table(nbformat="four")),
    mended("format-missing", lambda sheet: sheet.notebook.pop("nbformat")),
    mended("format-3", _version_3, "old format"),
    mended("ids-missing", _each(lambda cell: cell.pop("id"))),
    mended("ids-all-the-same", _each(lambda cell: cell.update(id="same"))),
    mended("ids-of-other-types", _each(lambda cell: cell.update(id={"a": 1}))),
    mended("metadata-lost", _renamed),
    mended("tags-of-other-types", _each(lambda cell: cell["metadata"].update(tags="question:safe.code", nbgrader=[1]))),
    mended("supplied-cells-missing", _without(lambda cell: cell["source"].startswith(("dial", "import pandas", "seed", "from workbench"))), "missing cell"),
    mended("check-cells-missing", _without(lambda cell: cell["source"].startswith(_ASK)), "missing cell"),
    mended("an-answer-missing", _without(lambda cell: "question:safe.table" in cell["metadata"].get("tags", ())), "missing cell",
           points=everything("safe.table")),
    mended("prose-missing", _without(lambda cell: cell["cell_type"] == "markdown")),
    mended("in-reverse", _shuffled, "reordered"),
    mended("answer-twice", lambda sheet: _twice(sheet, "safe.code", HONEST["safe.code"]), "duplicate cell"),
    mended("answer-twice-the-second-wrong", lambda sheet: _twice(sheet, "safe.code", "code = 1"), "duplicate cell", points=everything("safe.code")),
    mended("answer-twice-the-first-wrong", lambda sheet: (_twice(sheet, "safe.code", HONEST["safe.code"]), sheet.answer("safe.code", "code = 1"))[0],
           "duplicate cell"),
    mended("checks-twice", lambda sheet: sheet.notebook.update(cells=[one for cell in sheet.cells for one in ([cell, dict(cell)] if cell["source"].startswith(_ASK) else [cell])])),
    mended("retyped-to-markdown", _retyped("markdown"), "retyped cell"),
    mended("retyped-to-raw", _retyped("raw"), "retyped cell"),
    mended("retyped-to-nonsense", _retyped("heading <b>"), "retyped cell"),
    mended("prose-retyped-to-code", lambda sheet: _cells(sheet, lambda cell: cell.update(cell_type="code") if cell["cell_type"] == "markdown" else None)),
    mended("parameters-edited-but-honest", lambda sheet: _cells(sheet, lambda cell: cell.update(source="seed: int = 3")
           if "parameters" in cell["metadata"].get("tags", ()) else None), "edited parameters"),
    mended("supplied-cell-edited-but-honest", lambda sheet: _cells(sheet, lambda cell: cell.update(source=cell["source"] + "\nprint(dial)")
           if cell["source"].startswith("dial") else None), "edited cell"),
    mended("answers-in-one-cell", lambda sheet: (sheet.answer("safe.code", "\n".join((HONEST["safe.code"], HONEST["safe.mix"]))), sheet.answer("safe.mix", ""))),
    mended("split-into-two-cells", lambda sheet: (sheet.answer("safe.code", "squares = [n * n for n in dial]"), sheet.add("code = sum(squares)", sheet.place("safe.code") + 1)),
           "added cell"),
    mended("five-hundred-added-cells", lambda sheet: [sheet.add(f"x{number} = {number}") for number in range(500)], "added cell"),
    mended("cells-that-are-none", lambda sheet: sheet.cells.extend([None, 1, "x", [], {}, {"cell_type": "code"}, {"cell_type": 1, "source": {"a": 1}}])),
    mended("cell-with-nul", lambda sheet: sheet.add("x = 1\x00"), "added cell"),
    mended("cell-with-lone-surrogates", lambda sheet: sheet.add("x = '\ud800'"), "added cell"),
    mended("cell-with-bidirectional-text", lambda sheet: sheet.add("x = 1 # \u202e \u2066 \u200b"), "added cell"),
    mended("cell-with-an-encoding", lambda sheet: sheet.add("# -*- coding: utf-7 -*-\nx = 1"), "added cell"),
    mended("cell-with-tabs-and-form-feeds", lambda sheet: sheet.add("if True:\n\tx = 1\n\f\n\ty = 2"), "added cell"),
    mended("cell-that-crashes-parsers", lambda sheet: sheet.add("x = " + "(" * 5000 + ")" * 5000), "added cell"),
    mended("cell-of-a-hundred-thousand-brackets", lambda sheet: sheet.add("x = " + "[" * 100_000 + "]" * 100_000), "added cell"),
    mended("cell-of-minus-signs", lambda sheet: sheet.add("x = " + "-" * 90_000 + "1"), "added cell", endings=frozenset({"finished", "died"}),
           killed=earned(*VISIBLE)),
    mended("cell-of-additions", lambda sheet: sheet.add("x = " + "+".join(["1"] * 50_000)), "added cell", endings=frozenset({"finished", "died"}),
           killed=earned(*VISIBLE)),
    mended("cell-of-attributes", lambda sheet: sheet.add("x = a" + ".b" * 50_000), "added cell", endings=frozenset({"finished", "died"}), killed=earned(*VISIBLE)),
    mended("cell-of-a-huge-constant", lambda sheet: sheet.add("x = 1 << (1 << 33)"), "added cell", endings=frozenset({"finished", "memory", "cpu", "died"}),
           killed=earned(*VISIBLE)),
    mended("cell-of-nested-functions", lambda sheet: sheet.add("\n".join(" " * n + f"def f{n}():" for n in range(90)) + "\n" + " " * 95 + "pass"), "added cell"),
    mended("cell-with-a-huge-name", lambda sheet: sheet.add("a" * 900_000 + " = 1"), "added cell"),
    mended("attachments-and-outputs-of-megabytes", lambda sheet: _cells(sheet, lambda cell: cell.update(attachments={"a.png": {"image/png": "A" * 100_000}})
           if cell["cell_type"] == "markdown" else cell.update(outputs=[{"output_type": "stream", "name": "stdout", "text": "x" * 100_000}]))),
    mended("outputs-of-html", lambda sheet: _cells(sheet, lambda cell: cell.update(outputs=[{"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>alert(1)</script>"}}]))),
    mended("same-key-twice", _text(lambda text: '{"cells": [], "nbformat": 9, ' + text[1:])),
    mended("not-a-number-in-metadata", _text(lambda text: text[:-1] + ', "x": NaN, "y": -Infinity, "z": 1e999}')),
    mended("number-of-thousands-of-digits-in-metadata", _text(lambda text: text[:-1] + ', "x": ' + "9" * 4000 + "}")),
    mended("yaml-front-matter", lambda sheet: sheet.add("---\na: !!python/object/apply:os.system ['touch @ELSEWHERE@/owned']\n---", 0, kind="raw")),
    mended("cells-of-html-and-svg", lambda sheet: sheet.add("<svg onload=alert(1)><script>alert(2)</script></svg> =cmd|' /C calc'!A0 \x1b[2J", 0, kind="markdown")),
    # --- what only a notebook can do ----------------------------------------------------------------------------------
    extra("magic-matplotlib", "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])"),
    extra("magic-matplotlib-windows", "%matplotlib qt\n%gui tk"),
    extra("magic-time", "%time x = 1\n%timeit -n 1 -r 1 x\n%prun -q x"),
    extra("magic-cell-time", "%%time\nx = 1"),
    extra("magic-capture", "%%capture said\nprint('hidden')"),
    extra("magic-reset", "%reset -f"),
    extra("magic-run-and-load", "%run /etc/passwd\n%load /etc/passwd\n%load_ext autoreload"),
    extra("magic-bash", "%%bash\necho hello; sleep 0.1; exit 3", flags=frozenset({"added cell", "shell"})),
    extra("magic-bash-in-background", "%%bash --bg\nsleep 100000", flags=frozenset({"added cell", "shell"})),
    extra("magic-script-python", "%%script python3\nprint(1)", "finished", flags=frozenset({"added cell", "shell"})),
    extra("magic-writefile", "%%writefile ../../../escape.py\nx = 1"),
    extra("magic-debug", "%pdb on\n1 / 0\n%debug"),
    extra("magic-that-does-not-exist", "%nosuchmagic\n%%nosuch\nx"),
    extra("magic-javascript", "%%javascript\nalert(1)"),
    extra("magic-html", "%%html\n<script>alert(1)</script>"),
    extra("magic-pip", "%pip --disable-pip-version-check install --retries 0 requests", "finished"),
    extra("magic-cd-and-env", "%cd /\n%env HOME=/nowhere\n%env PATH=/nowhere"),
    extra("magic-autoawait", "%autoawait off\n%autocall 2\n%config InteractiveShell.ast_node_interactivity = 'all'\n%xmode Minimal"),
    extra("magic-edit", "%edit", "finished", "time"),
    extra("magic-kernel", "%connect_info\n%killbgscripts\n%qtconsole\n%logstart"),
    extra("magic-pylab", "%pylab inline", "finished", either=frozenset(POINTS)),  # it replaces `sum`
    extra("shell", "!echo hello\nfiles = !ls /\n!cat", flags=frozenset({"added cell", "shell"})),
    extra("shell-in-background", HURRY + "!sleep 100000 &", "finished", flags=frozenset({"added cell", "shell"})),
    extra("shell-endless", "!yes", "finished", "output", "time", "cpu", "memory", flags=frozenset({"added cell", "shell"}), killed={}),
    extra("shell-that-asks", "!read line; echo $line; python3 -c 'input()'", "finished", flags=frozenset({"added cell", "shell"})),
    extra("question-mark", "?print\nprint??\nlen?"),
    extra("input", "try:\n    name = input('name? ')\nexcept EOFError as error:\n    print(error)\nimport getpass\ngetpass.getpass()"),
    extra("standard-input-read", "import sys, os\nprint(sys.stdin.read() if sys.stdin else None)\nprint(os.read(0, 100))"),
    extra("standard-input-asked-by-a-child", "import subprocess\nprint(subprocess.run(['cat'], capture_output=True, timeout=3))", flags=frozenset({"added cell", "shell"})),
    extra("breakpoint", "breakpoint()", "finished"),
    extra("top-level-await", "import asyncio\nawait asyncio.sleep(0.01)\nasync with asyncio.timeout(1): pass"),
    extra("async-task-left", "import asyncio\nasync def later():\n    while True: await asyncio.sleep(0.01)\ntask = asyncio.create_task(later())"),
    extra("display-and-update", "handle = display('a', display_id=True)\nhandle.update('b')\nfrom IPython.display import clear_output\nclear_output()"),
    extra("widgets", "import ipywidgets\nipywidgets.IntSlider()", "finished"),
    extra("underscores", "1 + 1\n_ + 1\nIn, Out, _oh"),
    extra("names-of-ours-overwritten", "check = print = display = get_ipython = open = None\n", "finished"),
    extra("check-called-in-odd-ways", "from workbench import check, quiz\ncheck()\ncheck(1, 2, x=3)\ncheck.progress()\ncheck.hint('safe.code')\nquiz('nothing')"),
    attack("check-called-ten-thousand-times", "notebooks", "for _ in range(10_000): check('safe.code')"),
)  # fmt: skip


def _many(sheet: Sheet, count: int) -> bytes:
    for _ in range(count):
        sheet.add("1")
    return sheet.bytes()
