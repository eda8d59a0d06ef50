"""Answers that are no values, or values that hurt whoever reads them."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from collections.abc import Mapping

from torture.case import Case, attack, everything, filled
from torture.puppet import ARROW, TAKEOVER
from torture.sheet import Sheet


def value(name: str, source: str, *endings: str, **rest: object) -> Case:
    """The value of `code` is what `source` makes; the other answers are honest."""
    return attack(name, "values", source, *endings, at="safe.code", **rest)  # type: ignore[arg-type]


def told(name: str, tree: str, *endings: str, slug: str = "safe.code") -> Case:
    """A process that is taken over tells this tree for the answer to one question, and nothing for the others."""
    asked = {"safe.code": "code", "safe.table": "tried"}[slug]
    text = f"""{TAKEOVER}{ARROW}
def tree():
    return {tree}
def answer(request):
    known = request["ask"][1] == {asked!r}
    return {{"id": request["id"], "reply": {{"value": tree()}} if known else {{"missing": request["ask"][1]}}}}
puppet(answer)
"""

    def build(sheet: Sheet, places: Mapping[str, str]) -> bytes:
        return sheet.first(filled(text, places)).bytes()

    return Case(name, "values", build, endings=frozenset(endings or ("finished",)), proof=not endings)


_ANY = ("finished", "memory", "output", "cpu", "time", "died")

CASES: tuple[Case, ...] = (
    value("nan", "code = float('nan')"),
    value("infinity", "code = float('inf')"),
    value("minus-infinity", "code = float('-inf')"),
    value("truth", "code = True"),
    value("none", "code = None"),
    value("ellipsis", "code = ..."),
    value("text-of-a-number", "code = str(sum(number * number for number in dial))"),
    value("list-of-a-number", "code = [sum(number * number for number in dial)]"),
    value("complex", "code = complex(1, 1)"),
    value("huge-integer", "code = 1 << 10**7"),
    value("huge-integer-within-the-limit", "code = 1 << 4000"),
    value("contains-itself", "code = []\ncode.append(code)"),
    value("deep", "code = []\nfor _ in range(100_000): code = [code]"),
    value("wide", "code = [0] * 10**7"),
    value("many-values", "code = [[]] * 400_000", "finished", "time"),
    value("big-text", "code = 'x' * (40 << 20)"),
    value("big-bytes", "code = bytes(31 << 20)"),
    value("big-array", "import numpy\ncode = numpy.zeros(4_000_000)"),
    value("big-table", "import numpy, pandas\ncode = pandas.DataFrame(numpy.zeros((1_000_000, 4)))", *_ANY),
    value("array-of-objects", "import numpy\ncode = numpy.array([print, object(), [1]], dtype=object)"),
    value("array-of-records", "import numpy\ncode = numpy.zeros(3, dtype=[('a', 'i4'), ('b', 'O')])"),
    value("masked-array", "import numpy\ncode = numpy.ma.masked"),
    value("memory-map", "import numpy\ncode = numpy.memmap('map', mode='w+', shape=(10,))"),
    value("array-that-lies-about-its-size", "import numpy\ncode = numpy.lib.stride_tricks.as_strided(numpy.zeros(1), shape=(10**12,), strides=(0,))", *_ANY),
    value("array-of-time-zones", "import pandas, numpy\ncode = pandas.array([pandas.Timestamp('2026-01-01', tz='Asia/Kathmandu'), pandas.NaT])"),
    value("table-with-a-table-inside", "import pandas\ncode = pandas.DataFrame({'a': [pandas.DataFrame({'b': [1]})]})"),
    value("table-with-odd-columns", "import pandas\ncode = pandas.DataFrame([[1, 2]], columns=[('a', 1), float('nan')])"),
    value("table-with-the-same-column-twice", "import pandas\ncode = pandas.DataFrame([[1, 2]], columns=['a', 'a'])"),
    attack("table-with-a-column-name-of-megabytes", "values", "import pandas\ntried = pandas.DataFrame({'c' * (10 << 20): [1]})", "finished", "time", at="safe.table"),
    attack("table-with-a-column-name-of-html", "values", "import pandas\ntried = pandas.DataFrame({'<script>`x`</script>': [1]})", at="safe.table"),
    attack("table-with-an-index-of-megabytes", "values", "import pandas\ntried = pandas.DataFrame({'door': [1] * 5, 'tries': [1] * 5}, index=['i' * (1 << 20)] * 5)",
           at="safe.table"),
    value("table-with-hostile-attributes", "import pandas\ncode = pandas.DataFrame({'a': [1]})\ncode.attrs = {'x': lambda: 0}"),
    value("generator", "code = (number for number in dial)"),
    value("generator-without-end", "import itertools\ncode = itertools.count()"),
    value("mapping-that-raises", "class Odd(dict):\n    def items(self): raise SystemExit\n    def __iter__(self): raise SystemExit\ncode = Odd(a=1)"),
    value("keys-that-collide", "code = {i * (2**61 - 1): 0 for i in range(3000)}"),
    value("surrogates", "code = '\\ud800' * 10"),
    value("time-zone-of-its-own", "import datetime\nclass Zone(datetime.tzinfo):\n    def utcoffset(self, when): return datetime.timedelta(microseconds=1)\n"
          "    def tzname(self, when): return '<b>'\n    def dst(self, when): return None\ncode = datetime.datetime(2026, 1, 1, tzinfo=Zone())"),
    value("module", "import os\ncode = os"),
    value("frame", "import sys\ncode = sys._getframe()"),
    value("class-with-a-name-of-html", "code = type('<script>alert(1)</script>' * 100, (), {})()"),
    value("class-with-a-name-of-megabytes", "code = type('x' * (20 << 20), (), {})()", *_ANY),
    value("error-with-a-message-of-megabytes", "class Odd:\n    @property\n    def a(self): raise ValueError('v' * (20 << 20))\ncode = Odd()", "finished"),
    attack("function-returns-a-function", "values", "def mix(numbers): return mix"),
    attack("function-returns-the-numbers", "values", "def mix(numbers): return numbers"),
    attack("function-changes-its-argument", "values", "def mix(numbers):\n    numbers.clear()\n    return 0"),
    attack("function-that-is-a-class", "values", "class mix:\n    def __init__(self, numbers): pass\n    def __int__(self): return 7"),
    attack("function-that-yields", "values", "def mix(numbers): yield 7"),
    attack("function-that-waits", "values", "async def mix(numbers): return 7"),
    attack("function-of-a-library", "values", "mix = print"),
    attack("function-that-prints-and-returns", "values", "def mix(numbers):\n    print('x' * (1 << 20))\n    display('y')\n"
           "    return (sum(p * n for p, n in enumerate(numbers, 1)) + seed) % 1009", points=everything()),
    attack("function-that-answers-with-a-float", "values", "def mix(numbers):\n    return float((sum(p * n for p, n in enumerate(numbers, 1)) + seed) % 1009)",
           points=everything()),
    attack("right-but-of-a-numpy-type", "values", "import numpy\ncode = numpy.int64(sum(number * number for number in dial))", at="safe.code", points=everything()),
    attack("pickle-offered-as-a-model", "values", """
import pickle
class Model:
    def __reduce__(self): return (os.system, ("touch '@ELSEWHERE@/owned'; echo BREACH",))
for name in ("model.pkl", "model.joblib", "model.pickle", "model.npy", "model.skops", "code.pkl"):
    with open(name, "wb") as file:
        pickle.dump(Model(), file)
code = Model()
""", at="safe.code", tools=True),
    attack("pickle-inside-an-array", "values", """
import numpy
class Model:
    def __reduce__(self): return (os.system, ("touch '@ELSEWHERE@/owned'; echo BREACH",))
code = numpy.array([Model()], dtype=object)
numpy.save("model.npy", code, allow_pickle=True)
""", at="safe.code", tools=True),
    # --- trees that no encoder of ours writes ------------------------------------------------------------------------
    told("tree-unknown-tag", "{'pickle': 'gASV'}"),
    told("tree-two-tags", "{'int': '0x1', 'float': 'nan'}"),
    told("tree-plain-infinity-in-text", "{'float': 'infinity'}"),
    told("tree-hex-of-megabytes", "{'int': '0x' + 'f' * 10**6}"),
    told("tree-integer-with-underscores", "{'int': '1_0'}"),
    told("tree-date-of-megabytes", "{'datetime': '2' * 10**6}"),
    told("tree-timedelta-of-digits", "{'timedelta': ['9' * 4000, 0, 0]}"),
    told("tree-set-of-lists", "{'set': [[1], [2]]}"),
    told("tree-dict-of-lists", "{'dict': [[[1], 2]]}"),
    told("tree-keys-that-collide", "{'dict': [[{'int': hex(i * (2**61 - 1))}, 0] for i in range(60_000)]}", *_ANY),
    told("tree-set-that-collides", "{'set': [{'int': hex(i * (2**61 - 1))} for i in range(150_000)]}", *_ANY),
    told("tree-tuples-that-collide-deep", "{'dict': [[{'tuple': [{'int': hex(i * (2**61 - 1))}]}, 0] for i in range(60_000)]}", *_ANY),
    told("tree-nested-tuples-as-keys", "__import__('functools').reduce(lambda t, _: {'tuple': [t, t]}, range(16), 1)"),
    told("tree-npy-header-of-brackets", "{'npy': base64.b64encode(b'\\x93NUMPY\\x01\\x00\\xf0\\xff' + b'[' * 0xfff0).decode()}"),
    told("tree-npy-header-of-code", "{'npy': base64.b64encode(b'\\x93NUMPY\\x01\\x00' + struct.pack('<H', 60) + b\"__import__('os').system('touch @ELSEWHERE@/owned')\".ljust(60)).decode()}"),
    told("tree-npy-of-objects", "{'npy': base64.b64encode(b'\\x93NUMPY\\x01\\x00' + struct.pack('<H', 70) + b\"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}\".ljust(70) + b'\\x80\\x04N.').decode()}"),
    told("tree-npy-of-a-huge-shape", "{'npy': base64.b64encode(b'\\x93NUMPY\\x01\\x00' + struct.pack('<H', 90) + b\"{'descr': '<V0', 'fortran_order': False, 'shape': (10**9, 10**9)}\".ljust(90)).decode()}"),
    told("tree-npy-of-nothing-huge", "{'npy': base64.b64encode(b'\\x93NUMPY\\x01\\x00' + struct.pack('<H', 90) + b\"{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 0)}\".ljust(90)).decode()}"),
    told("tree-npy-of-empty-text", "{'npy': base64.b64encode(b'\\x93NUMPY\\x01\\x00' + struct.pack('<H', 90) + b\"{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000,)}\".ljust(90)).decode()}"),
    told("tree-npy-of-odd-times", "{'npy': base64.b64encode(b'\\x93NUMPY\\x01\\x00' + struct.pack('<H', 90) + b\"{'descr': '<M8[1000000000Y]', 'fortran_order': False, 'shape': (1,)}\".ljust(90) + b'\\x7f' * 8).decode()}"),
    told("tree-objects-shape", "{'objects': [[2**62, 4, 0], []]}"),
    told("tree-objects-many-dimensions", "{'objects': [[1] * 33, [1]]}"),
    told("tree-timestamp-of-a-strange-zone", "{'timestamp': ['2026-01-01', '../../../../etc/passwd']}"),
    told("tree-timestamp-of-words", "{'timestamp': ['next tuesday' * 1000, None]}"),
    told("tree-timedelta-unit", "{'timedelta64': [1, 'fortnights']}"),
    told("tree-frame-of-noise", "{'frame': base64.b64encode(os.urandom(10_000)).decode()}", slug="safe.table"),
    told("tree-frame-cut", "{'frame': base64.b64encode(base64.b64decode(stream(pa.table({'a': list(range(1000))})))[:-1500]).decode()}", slug="safe.table"),
    told("tree-frame-flipped", """{'frame': base64.b64encode(bytes(b ^ (0x41 if i % 97 == 60 else 0)
        for i, b in enumerate(base64.b64decode(stream(pa.table({'door': ['a', 'b'], 'tries': [1, 2]})))))).decode()}""", slug="safe.table"),
    told("tree-frame-of-nothing-but-gaps", "{'frame': stream(pa.table({str(i): pa.nulls(4_900_000) for i in range(300)}))}", slug="safe.table"),
    told("tree-frame-of-lists-that-overlap", """{'frame': stream(pa.table({'door': pa.ListViewArray.from_arrays(
        pa.array([0] * 1_000_000, pa.int32()), pa.array([1_000_000] * 1_000_000, pa.int32()), pa.array(range(1_000_000)))}))}""", slug="safe.table"),
    told("tree-frame-of-runs", """{'frame': stream(pa.table({'door': pa.RunEndEncodedArray.from_arrays(pa.array([4_000_000], pa.int32()), pa.array(['x' * 1000]))}))}""",
         slug="safe.table"),
    told("tree-frame-of-a-dictionary", """{'frame': stream(pa.table({'door': pa.DictionaryArray.from_arrays(pa.array([0] * 4_000_000, pa.int8()), pa.array(['x' * 1_000_000]))}))}""",
         slug="safe.table"),
    told("tree-frame-of-maps-and-structs", """{'frame': stream(pa.table({'door': pa.array([[('a', {'b': [1]})]] * 100_000, pa.map_(pa.string(), pa.struct([('b', pa.list_(pa.int8()))])))}))}""",
         slug="safe.table"),
    told("tree-frame-with-an-extension", """{'frame': stream(pa.Table.from_arrays([pa.array([b'x'])], schema=pa.schema([pa.field('door', pa.binary(), metadata={
        'ARROW:extension:name': 'arrow.py_extension_type',
        'ARROW:extension:metadata': b"cos\\nsystem\\n(S'touch @ELSEWHERE@/owned'\\ntR."})])))}""", slug="safe.table"),
    told("tree-frame-with-pandas-metadata", """{'frame': stream(pa.table({'door': ['a'], 'tries': [1]}).replace_schema_metadata({'pandas': json.dumps({
        'index_columns': [{'kind': 'range', 'name': None, 'start': 0, 'stop': 10**12, 'step': 1}], 'column_indexes': [{'name': None, 'field_name': None,
        'pandas_type': 'object', 'numpy_type': 'object', 'metadata': None}], 'columns': [{'name': 'door', 'field_name': 'door', 'pandas_type': 'object',
        'numpy_type': 'period[' + 'D' * 10000 + ']', 'metadata': {'encoding': 'rot13'}}], 'creator': {}, 'pandas_version': 'x'})}))}""", slug="safe.table"),
    told("tree-frame-with-a-huge-range", """{'frame': stream(pa.table({}).replace_schema_metadata({'pandas': json.dumps({
        'index_columns': [{'kind': 'range', 'name': None, 'start': 0, 'stop': 10**10, 'step': 1}], 'column_indexes': [], 'columns': [], 'creator': {},
        'pandas_version': '3'})}))}""", slug="safe.table"),
    told("tree-frame-compressed", """{'frame': (lambda sink: (pa.ipc.new_stream(sink, pa.schema([('door', pa.int64())]), options=pa.ipc.IpcWriteOptions(compression='zstd')).write_table(
        pa.table({'door': pa.array([0] * 50_000_000)}, schema=pa.schema([('door', pa.int64())]))), base64.b64encode(sink.getvalue()).decode())[1])(io.BytesIO())}""",
         "finished", "died", "memory", slug="safe.table"),
    told("tree-frame-of-many-columns", "{'frame': stream(pa.table({str(i): [1] for i in range(9_000)}))}", slug="safe.table"),
    told("tree-frame-of-an-empty-list-view", "{'frame': stream(pa.schema([('door', pa.list_view(pa.int8()))]).empty_table())}", slug="safe.table"),
    told("tree-frame-without-a-batch", """{'frame': (lambda sink: (pa.ipc.new_stream(sink, pa.schema([('door', pa.list_view(pa.int8()))])).close(),
        base64.b64encode(sink.getvalue()).decode())[1])(io.BytesIO())}""", slug="safe.table"),
    told("tree-index-that-collides", """{'index': [[None, None], stream(pa.table({'0': [i << 32 for i in range(400_000)], '1': [i << 32 for i in range(400_000)]}))]}""",
         *_ANY, slug="safe.table"),
    told("tree-frame-of-fields-nested-deep", """{'frame': stream(pa.table({'door': __import__('functools').reduce(
        lambda inner, _: pa.ListArray.from_arrays(pa.array([0, len(inner)], pa.int32()), inner), range(60), pa.array([1]))}))}""", *_ANY, slug="safe.table"),
    told("tree-series-of-everything", "{'series': [{'dict': [[1, 2]]}, stream(pa.table({'values': [1]}))]}", slug="safe.table"),
    told("tree-index-of-nothing", "{'index': [[], stream(pa.table({}))]}", slug="safe.table"),
    told("tree-table-of-the-right-names", "{'frame': stream(pa.table({'door': [None] * 5, 'tries': [None] * 5}))}", slug="safe.table"),
)  # fmt: skip
