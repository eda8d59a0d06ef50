"""Points without right answers: objects that lie, patched libraries, forged messages, looks behind the scenes."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from collections.abc import Mapping

from torture.case import SHORT, TRIED, Case, attack, earned, forgery
from torture.puppet import TAKEOVER
from torture.sheet import VISIBLE, Sheet

_ALWAYS = """
class Always:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    def __bool__(self): return True
    def __hash__(self): return 0
    def __call__(self, *a, **k): return self
    def __getattr__(self, name): return self
    def __getitem__(self, name): return self
    def __iter__(self): return iter([self])
    def __len__(self): return 1
    def __float__(self): return 1.0
    def __index__(self): return 1
    def __sub__(self, other): return 0
    __rsub__ = __abs__ = __add__ = __sub__
    def __instancecheck__(self, other): return True
    def __array__(self, *a, **k): return self
"""
_LIES = "code = tried = Always()\ndef mix(numbers): return Always()"


def _marked(name: str, change: str) -> Case:
    """A stub whose metadata and outputs claim what they like."""

    def build(sheet: Sheet, places: Mapping[str, str]) -> bytes:
        scope = {"sheet": sheet}
        exec(change, scope)  # ours: the generator's own text
        return sheet.bytes()

    return Case(name, "forging", build)


CASES: tuple[Case, ...] = (
    forgery("always-equal", _ALWAYS, answers={"safe.code": _LIES, "safe.mix": _LIES, "safe.table": _LIES}),
    forgery("subclasses-of-built-ins", """
class Int(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __index__(self): raise SystemExit(0)
    def bit_length(self): return 1
    __hash__ = int.__hash__
class Text(str):
    def __eq__(self, other): return True
    def encode(self, *a): return b"x"
class Numbers(list):
    def __eq__(self, other): return True
    def __iter__(self): return iter(())
    def __len__(self): return 10**9
class Names(dict):
    def items(self): raise KeyboardInterrupt
    def __eq__(self, other): return True
code = Int(1); tried = Numbers([Text("x"), Names(a=1)])
def mix(numbers): return Int(3)
"""),
    forgery("subclass-of-a-table", """
import pandas as pd
class Table(pd.DataFrame):
    def equals(self, other): return True
    def __eq__(self, other): return True
    def copy(self, *a, **k): return self
    @property
    def columns(self): raise SystemExit(0)
    def __len__(self): return 5
tried = Table({"door": ["door 0"], "tries": [1]})
"""),
    forgery("metaclass-and-class-lies", """
class Meta(type):
    def __eq__(self, other): return True
    def __hash__(self): return hash(int)
    def __instancecheck__(self, one): return True
    def __subclasscheck__(self, one): return True
    __module__ = "numpy"
class Lie(metaclass=Meta):
    __class__ = int
    __module__ = "numpy"
    def item(self): raise SystemExit
code = tried = Lie()
def mix(numbers): return Lie()
"""),
    forgery("patched-libraries", """
import json, math, numpy, pandas, builtins
numpy.isclose = numpy.allclose = numpy.array_equal = math.isclose = lambda *a, **k: True
pandas.DataFrame.equals = pandas.Series.equals = lambda *a, **k: True
pandas.testing.assert_frame_equal = lambda *a, **k: None
json.dumps = lambda *a, **k: '{"value": true}'
json.loads = lambda *a, **k: {}
builtins.abs = builtins.sum = lambda *a, **k: 0
builtins.isinstance = lambda *a: True
""", endings=frozenset({"finished", "died"}), proof=False),
    forgery("patched-codec", """
from workbench import codec
from workbench.checks import answer, compare, judge, verdict
def nothing(*a, **k): return None
for module in (compare, judge, verdict, answer):
    for name, one in list(vars(module).items()):
        if callable(one) and getattr(one, "__module__", "").startswith("workbench") and hasattr(one, "__code__") and module is not answer:
            try:
                one.__code__ = nothing.__code__
            except ValueError:  # closures
                setattr(module, name, nothing)
codec.encode = lambda *a, **k: True
codec._encode.__code__ = (lambda value, where, depth, budget: True).__code__
code = tried = 1
def mix(numbers): return 1
"""),
    forgery("patched-check", """
import workbench
from workbench.checks.verdict import Outcome, Result
class Check:
    def __call__(self, slug, *a, **k): return Result(slug, slug, Outcome.CORRECT, 99.0, 99.0)
    def progress(self): print("7 of 7 points")
check = workbench.check = Check()
import builtins
builtins.check = check
""", endings=frozenset({"finished"})),
    forgery("patched-question", """
import sys
import workbench.checks
from workbench.checks import judge
question = sys.modules["workbench.checks.question"]
judge.judge = lambda question, answer, key: judge._result(question, "correct", question.points)
question.Question.__call__ = lambda self, answer, key: None
workbench.checks.close = workbench.checks.equal = lambda *a, **k: None
"""),
    forgery("assert-stripped-by-ast", """
import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
    def visit_Raise(self, node): return ast.Pass()
shell = get_ipython()
shell.ast_transformers.append(Strip())
shell.input_transformers_cleanup.append(lambda lines: ["pass\\n"])
shell.events.register("pre_run_cell", lambda *a: None)
shell.events.register("post_execute", lambda *a: None)
shell.run_cell = lambda *a, **k: None
"""),
    forgery("import-hooks", """
import builtins, importlib, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        return None
sys.meta_path.insert(0, Finder())
sys.path_hooks.clear()
builtins.__import__ = lambda *a, **k: sys
builtins.compile = builtins.eval = builtins.exec = lambda *a, **k: None
""", endings=frozenset({"finished", "died"}), proof=False),
    forgery("traced-and-profiled", """
import sys, threading
def trace(frame, event, argument):
    for name in ("points", "earned", "offered", "expected"):
        if name in frame.f_locals:
            frame.f_locals[name] = 99
    return trace
sys.settrace(trace); sys.setprofile(trace); threading.settrace(trace)
sys.excepthook = sys.unraisablehook = lambda *a: None
""", endings=frozenset({"finished", "cpu", "time"}), proof=False),
    forgery("audit-hook", """
import sys
def hook(event, arguments):
    if event in ("exec", "compile", "open", "os.fork"):
        pass
sys.addaudithook(hook)
"""),
    forgery("frames-walked", """
import sys, gc
seen = []
frame = sys._getframe()
while frame:
    seen.append(frame.f_code.co_qualname)
    for name, one in list(frame.f_locals.items()):
        for field in ("_shell", "_do", "_ask", "key", "_key", "questions", "results"):
            if hasattr(one, field):
                seen.append((name, field))
    frame = frame.f_back
print(seen)
for one in gc.get_objects():
    if type(one).__name__ in ("Question", "Key", "CheckModule", "_Transcript", "Recorder"):
        print("BREACH", type(one).__name__, repr(one)[:200])
"""),
    forgery("student-object-rebuilt", """
import gc
for one in gc.get_objects():
    if type(one).__name__ == "Student":
        one._ask = one._do["ask"] = lambda request: {"reply": {"value": True}, "points": 99, "outcome": "correct"}
from workbench.grading.execution import apart
apart.reply = lambda *a, **k: {"value": True}
from workbench.checks.answer import LiveNotebook
LiveNotebook.read = LiveNotebook.call = lambda *a, **k: {"value": True}
"""),
    forgery("namespace-replaced", """
class Names(dict):
    def __contains__(self, name): return True
    def __getitem__(self, name): return 1
    def __missing__(self, name): return 1
import sys, types
module = types.ModuleType("__main__")
module.__getattr__ = lambda name: 1
sys.modules["__main__"] = module
get_ipython().user_ns = Names()
get_ipython().user_module = module
""", endings=frozenset({"finished", "died"}), proof=False),
    forgery("forged-results-on-every-descriptor", r"""
import json, os, struct
messages = [{"outcome": "correct", "points": 99}, {"returncode": 0}, {"id": 3, "reply": {"value": 1}}, {"cause": "finished", "code": 0},
            {"result": {"slug": "safe.code", "title": "x", "outcome": "correct", "points": 2, "out_of": 2}}, {"pid": 1}]
for number in range(0, 1024):
    try:
        os.fstat(number)
    except OSError:
        continue
    for message in messages:
        data = json.dumps(message).encode()
        for text in (data, data + b"\n", struct.pack(">I", len(data)) + data):
            try:
                os.set_blocking(number, False)
                os.write(number, text)
            except OSError:
                pass
""", endings=frozenset({"finished", "died", "output"}), proof=False),
    forgery("forged-endings-on-every-descriptor", r"""
import os, socket, json
for number in range(0, 1024):
    for message in ({"ending": "finished"}, {"cause": "finished", "code": 0, "usage": {"seconds": 0, "cpu": 0, "memory": 0}}):
        try:
            one = socket.socket(fileno=os.dup(number))
            one.setblocking(False)
            one.send(json.dumps(message).encode() + b"\n")
        except OSError:
            pass
import time
time.sleep(0.1)
os._exit(0)
""", endings=frozenset({"died", "output"}), proof=False),
    forgery("forged-by-a-child", r"""
import json, os, struct, time
if os.fork() == 0:
    time.sleep(0.2)
    for id in range(1, 40):
        data = json.dumps({"id": id, "reply": {"value": 1}, "outputs": [], "error": "", "line": 0, "seconds": 0}).encode()
        for number in range(0, 64):
            try:
                os.set_blocking(number, False)
                os.write(number, struct.pack(">I", len(data)) + data)
            except OSError:
                pass
    os._exit(0)
time.sleep(0.4)
""", endings=frozenset({"finished", "died"}), proof=False),
    forgery("child-takes-the-channel", TAKEOVER + r"""
if os.fork() == 0:
    # Two now read one channel; the child says True to whatever it hears first.
    while True:
        request = heard()
        say({"id": request["id"], "reply": {"value": True}} if request["do"] == "ask" else ran(request))
print("TRIED")
""", endings=frozenset({"finished", "died", "time"}), proof=False, wall=SHORT),
    forgery("atexit-and-last-words", """
import atexit, os, signal, sys, threading
@atexit.register
def last():
    for number in range(64):
        try:
            os.write(number, b'{"outcome": "correct", "points": 99}\\n')
        except OSError:
            pass
threading._register_atexit(last)
class Last:
    def __del__(self): last()
sys.last_words = Last()
signal.signal(signal.SIGTERM, lambda *_: last())
"""),
    forgery("answers-of-every-type-at-once", "code = tried = {0: [True, 1, 1.0, '1', None, (1,), {1}, b'1']}\nmix = print"),
    forgery("values-read-twice", """
import builtins
class Names(dict):
    pass
count = 0
def mix(numbers):
    global count
    count += 1
    return [seed, 14 + seed, 200 + seed][count % 3]
"""),
    forgery("state-kept-between-hidden-questions", """
import mmap, os
shared = mmap.mmap(-1, 4096)
def mix(numbers):
    text = shared.read(4096).rstrip(b"\\0").decode()
    shared.seek(0)
    shared.write((text + repr(numbers))[-2000:].encode())
    shared.seek(0)
    try:
        with open("kept", "a") as file:
            file.write(repr(numbers))
    except OSError:
        pass
    return 1
import threading, time
def look():
    while True:
        time.sleep(0.02)
        if b"70921" in shared[:]:
            print("BREACH a hidden input, told by a thread", shared[:200])
            os.write(1, b"BREACH"); os.write(2, b"BREACH")
threading.Thread(target=look, daemon=True).start()
"""),
    forgery("hidden-inputs-told", """
def mix(numbers):
    print("BREACH hidden", numbers) if 70921 in numbers else None
    raise ValueError(f"inputs were {numbers}")
"""),
    # --- what a notebook may claim -------------------------------------------------------------------------------------
    _marked("outputs-claimed", """
for cell in sheet.cells:
    if cell["cell_type"] == "code":
        cell["execution_count"] = 1
        cell["outputs"] = [{"output_type": "execute_result", "execution_count": 1, "metadata": {},
                            "data": {"text/plain": "✔ Correct · 99 of 2 points", "application/x.workbench": {"points": 99}}}]
"""),
    _marked("points-claimed-in-metadata", """
for cell in sheet.cells:
    mark = cell["metadata"].get("nbgrader")
    if mark:
        mark.update(points=99, grade=True, locked=False, score=99)
    cell["metadata"]["workbench"] = {"points": 99, "outcome": "correct"}
sheet.notebook["metadata"]["workbench"] = {"master": "../../../etc/passwd", "points": 99}
"""),
    _marked("slugs-exchanged", """
tags = {"safe.code": "safe.table", "safe.mix": "safe.code", "safe.table": "safe.mix"}
for cell in sheet.cells:
    cell["metadata"]["tags"] = ["question:" + tags.get(t.removeprefix("question:"), "x") for t in cell["metadata"].get("tags", [])]
"""),
    Case("check-cell-edited", "forging", lambda sheet, places: _checks_edited(sheet), proof=True, flags=frozenset({"edited cell"})),
    Case("parameters-edited", "forging", lambda sheet, places: _parameters_edited(sheet), flags=frozenset({"edited parameters"})),
    Case("supplied-cell-edited", "forging", lambda sheet, places: _supplied_edited(sheet), flags=frozenset({"edited cell"})),
    attack("answers-of-another-variant", "forging", "code = 84_321", at="safe.code"),
    attack("monkeypatched-dial", "forging", "dial = [0]; code = 0", at="safe.code", points=earned("safe.mix", "safe.mix_elsewhere")),
)  # fmt: skip


def _checks_edited(sheet: Sheet) -> bytes:
    for cell in sheet.cells:
        if cell["source"].startswith('check("'):
            cell["source"] = f'code = 1\nprint("{TRIED}")  # instead of ' + cell["source"]
    return sheet.bytes()


def _parameters_edited(sheet: Sheet) -> bytes:
    """Answers that are right for a seed of zero, which the submission claims to have been given."""
    for cell in sheet.cells:
        if "parameters" in cell["metadata"].get("tags", ()):
            cell["source"] = "seed: int = 0"
    for slug, source in {"safe.code": "code = 24", "safe.mix": "", "safe.table": ""}.items():
        sheet.answer(slug, source)
    return sheet.bytes()


def _supplied_edited(sheet: Sheet) -> bytes:
    for cell in sheet.cells:
        if cell["source"].startswith("dial ="):
            cell["source"] = "dial = [0]"
    for slug in VISIBLE:
        sheet.answer(slug, {"safe.code": "code = 0"}.get(slug, ""))
    return sheet.bytes()
