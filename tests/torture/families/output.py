"""Too much of everything that can be written, and what is written to confuse whoever reads it."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from torture.case import BRIEF, HURRY, Case, attack, everything

_LOUD = ("output", "finished", "time", "cpu")
_FILES = ("finished", "files", "memory")

CASES: tuple[Case, ...] = (
    attack("endless-print", "output", HURRY + "while True:\n    print('all work and no play')", *_LOUD),
    attack("one-huge-line", "output", "print('x' * (200 << 20))", "output", "finished", "memory"),
    attack("many-medium-lines", "output", "for _ in range(100_000):\n    print('y' * 1000)", *_LOUD),
    attack("endless-stderr", "output", HURRY + "import sys\nwhile True:\n    print('e', file=sys.stderr)", *_LOUD),
    attack("raw-writes-to-standard-descriptors", "output",
           "import os\nfor number in (1, 2):\n    for _ in range(10_000):\n        try:\n            os.write(number, b'z' * 65536)\n"
           "        except OSError: break", *_LOUD, "files", "died"),
    attack("children-print", "output", "import subprocess\nsubprocess.run('yes | head -c 100000000', shell=True)", *_LOUD, "files"),
    attack("huge-exception", "output", "raise ValueError('v' * (50 << 20))", "finished", "output"),
    attack("exception-that-cannot-be-printed", "output",
           "class Odd(Exception):\n    def __str__(self): raise self\n    __repr__ = __str__\nraise Odd", "finished"),
    attack("exception-chain-of-thousands", "output",
           "error = None\nfor number in range(5000):\n    new = ValueError(number)\n    new.__cause__ = error\n    error = new\nraise error",
           "finished", "output", "died"),
    attack("traceback-that-loops", "output", "import sys\nsys.setrecursionlimit(400)\ndef f(n):\n    return f(n + 1)\nf(0)", "finished"),
    attack("representation-without-end", "output",
           "class Long:\n    def __repr__(self): return 'r' * (100 << 20)\nLong()", "finished", "output", "memory"),
    attack("representation-that-raises", "output", "class Bad:\n    def __repr__(self): raise SystemExit(0)\nBad()", "finished", "died"),
    attack("rich-representation-by-hand", "output", """
class Rich:
    def _repr_mimebundle_(self, **_):
        return {'text/html': '<script>alert(1)</script>', 'application/javascript': 'alert(2)', 'image/svg+xml': '<svg onload="alert(3)"/>',
                'application/vnd.jupyter.widget-view+json': {'model_id': 'x'}, 'text/plain': 'rich', 'image/png': 'not base64 <b>'}
display(Rich())
"""),
    attack("thousands-of-displays", "output", "for number in range(12_000):\n    display(number)", *_LOUD),
    attack("display-of-a-huge-picture", "output", """
import matplotlib.pyplot as plt
figure = plt.figure(figsize=(200, 200), dpi=100)
display(figure)
""", "finished", "output", "memory", "cpu", "time"),
    attack("hundred-figures", "output", "import matplotlib.pyplot as plt\nfor _ in range(100):\n    plt.figure(figsize=(2, 2))\n"
           "plt.plot([1, 2])\nplt.show()", "finished", "output", "cpu", "time", "memory"),
    attack("control-sequences", "output", r"print('\x1b[2J\x1b]0;owned\x07\x1b[31m\x00\x08\r\u202e\u2066\x9b')"),
    attack("html-and-svg", "output", """
from IPython.display import HTML, SVG, Javascript
display(HTML('<img src=x onerror=alert(1)><script>alert(2)</script>'), SVG('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(3)</script></svg>'),
        Javascript('alert(4)'))
print('</pre><script>alert(5)</script>')
"""),
    attack("formulas", "output", """print('=cmd|" /C calc"!A0')\nprint('@SUM(1+1)*cmd|" /C calc"!A0')\nmix = "=HYPERLINK(1)" """),
    attack("lone-surrogates", "output", r"print('\ud800 \udfff')" "\nraise ValueError('\\ud800')", "finished"),
    attack("bytes-that-are-no-text", "output", r"import os; os.write(1, b'\xff\xfe\x80\x00')"),
    attack("warnings-on-stderr", "output", "import warnings\nfor number in range(50):\n    warnings.warn(f'odd {number}')"),
    attack("streams-closed", "output", "import sys\nsys.stdout.close()\nsys.stderr.close()", "finished"),
    attack("streams-replaced", "output", "import sys\nsys.stdout = sys.stderr = sys.__stdout__ = None\n", "finished"),
    attack("streams-that-raise", "output",
           "import sys\nclass Bad:\n    def write(self, *_): raise SystemExit(0)\n    flush = write\nsys.stdout = sys.stderr = Bad()", "finished"),
    attack("huge-file", "output", """
import os
try:
    with open('huge', 'wb') as file:
        for _ in range(3000):
            file.write(b'h' * (1 << 20))
    print('BREACH three gigabytes in a file')
except OSError as error:
    print('refused', error)
""", *_FILES, "died"),
    attack("sparse-file", "output", """
import os
try:
    with open('sparse', 'wb') as file:
        file.truncate(1 << 42)
    print('BREACH four terabytes in a file')
except OSError as error:
    print('refused', error)
""", *_FILES, "died"),
    attack("a-hundred-thousand-files", "output", """
import os
try:
    for number in range(100_000):
        os.close(os.open(f'file-{number}', os.O_CREAT | os.O_WRONLY))
    print('all made')
except OSError as error:
    print('refused', error)
""", *_FILES, "time", "cpu", "died", either=frozenset({"safe.table", "safe.mix_elsewhere"})),
    attack("deep-folders", "output", """
import os
try:
    for number in range(20_000):
        os.mkdir('d' * 200)
        os.chdir('d' * 200)
except OSError as error:
    print('refused', error)
""", *_FILES, "time", "cpu", cpu=BRIEF),
    attack("odd-file-names", "output", r"""
import os
for name in (b'\xff\xfe', b'a\nb', b'-rf', b'\x1b[2J', b'x' * 255):
    open(name, 'wb').close()
os.mkfifo('pipe')
os.symlink('/', 'root')
os.symlink('loop', 'loop')
os.mkdir('closed')
open('closed/inside', 'w').close()
os.chmod('closed', 0)
""", points=everything("safe.mix")),
    attack("working-folder-removed", "output", "import os, shutil\nhere = os.getcwd()\nos.chdir('/')\nshutil.rmtree(here, ignore_errors=True)", *_FILES, at="safe.code",
           points=everything("safe.code"), either=frozenset({"safe.mix_elsewhere"})),
    attack("working-folder-left", "output", "import os\nos.chdir('/')\n", at="safe.code", points=everything("safe.code")),
)  # fmt: skip
