"""Running the code of a package as another machine would: in a Python that has what its lock lists, and nothing more.

A process of its own, isolated from the folder it starts in, from variables and from the user's packages; every import
beyond the standard library and the lock fails as it would where nothing else is installed. That takes a second. A
virtual environment that really installs the lock takes a network and longer: `in_new_environment`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.packaging.lock import pinned
from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    from lifecycle.deploy.packaging.package import Package

_IMPORTED_AS = {"protobuf": "google", "python-dateutil": "dateutil", "pyyaml": "yaml"}
_KEPT = (
    "PATH",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "LANG",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
)

GIVEN = 5
_MOST = 64
_remembered: dict[tuple[str, bool], CleanRun] = {}  # gates ask for the same, and a process takes a second

# Memory is VmHWM on Linux: ru_maxrss outlives exec there, and would be that of whoever started the process.
_START = """
import contextlib, io, json, runpy, sys
order = json.loads(sys.argv[1])
allowed = set(sys.stdlib_module_names) | set(order["allowed"])
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if order["alone"] and name.partition(".")[0] not in allowed:
            raise ModuleNotFoundError(f"No module named {name.partition('.')[0]!r}", name=name)
sys.meta_path.insert(0, Nothing())
code, calls, lines = order["code"], [], set()
def count(frame, event, argument):
    if frame.f_code.co_filename != code:
        return None
    if event == "line":
        lines.add(frame.f_lineno)
    return count
if order["trace"]:
    with contextlib.suppress(ImportError):
        import numpy, onnxruntime
    sys.settrace(count)
try:
    for arguments, given in order["calls"]:
        sys.argv, sys.stdin = [code, *arguments], io.StringIO(given)
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                runpy.run_path(code, run_name="__main__")
                status = 0
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else int(end.code is not None)
            except Exception as error:
                status = 70
                err.write(f"{type(error).__name__}: {error}")
        calls.append([status, out.getvalue(), err.getvalue()])
finally:
    sys.settrace(None)
memory = None
with contextlib.suppress(ImportError, OSError, LookupError):  # some systems do not tell
    if sys.platform == "linux":
        with open("/proc/self/status") as status:
            peak = [line.split() for line in status if line.startswith("VmHWM:")]
        memory = int(peak[0][1]) / 2**10
    else:
        import resource
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(json.dumps({"calls": calls, "lines": sorted(lines), "memory_mib": memory}))
"""


@dataclass(frozen=True)
class Call:
    """How one call of ``code/score.py`` ended.

    Attributes
    ----------
    status : int
        Its exit code; 70 where it ended by an error that nothing caught.
    out, err : str
    """

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class CleanRun:
    """What a clean process did.

    Attributes
    ----------
    calls : tuple of Call
    covered : float or None
        Share of the lines of ``code/score.py`` that ran, 0 to 1, where that was wanted.
    memory_mib : float or None
        Largest resident size of the process itself, whatever started it; None where the system does not tell.
    """

    calls: tuple[Call, ...]
    covered: float | None
    memory_mib: float | None


def in_clean_process(
    package: Package,
    calls: list[tuple[list[str], str]],
    *,
    alone: bool = True,
    trace: bool = False,
    timeout: float = 60,
) -> CleanRun:
    """Unpack `package` and call its code with each pair of arguments and standard input, one after the other.

    Parameters
    ----------
    package : Package
    calls : list of (arguments, standard input)
    alone : bool
        Whether what the lock does not list is hidden; False is a developer's machine, where much more is installed.
    trace : bool
        Whether to count the lines that ran.
    timeout : float
        Seconds for all of them.

    Raises
    ------
    LifecycleError
        When the process itself does not end, or not properly.
    """
    names = pinned(package.files["requirements.lock"].decode())
    allowed = sorted({_IMPORTED_AS.get(name, name.replace("-", "_")) for name in names})
    with tempfile.TemporaryDirectory() as folder:
        place = unpacked(package, Path(folder) / "package")
        code = str(place / "code" / "score.py")
        order = {"allowed": allowed, "alone": alone, "code": code, "calls": calls, "trace": trace}
        made = _run([sys.executable, "-I", "-c", _START, json.dumps(order)], cwd=folder, timeout=timeout)
    ran, whole = set(made["lines"]), _lines_of(package.files["code/score.py"])
    covered = len(ran & whole) / len(whole) if trace and whole else None
    return CleanRun(tuple(Call(*each) for each in made["calls"]), covered, made["memory_mib"])


def scored_alone(package: Package) -> CleanRun:
    """Score the golden rows, and the first `GIVEN` of them by standard input; done once for a package, and remembered."""
    rows = package.golden.head(GIVEN)[list(package.features)].to_dict("records")
    return _once(package, [(["--golden"], ""), ([], json.dumps(rows))], tested=False)


def tested_here(package: Package) -> CleanRun:
    """Call the code with rows to score and rows to refuse, on a developer's machine, and count the lines that run."""
    row = package.golden.iloc[0][list(package.features)].to_dict()
    name = package.features[0]
    wrong = [
        [{key: value for key, value in row.items() if key != name}],
        [row | {"unheard_of": 1}],
        [row | {name: "text"}],
        [row | {name: 1e300}],
        [[1]],
    ]
    given = ["{", *(json.dumps(rows) for rows in ([row], *wrong))]
    return _once(package, [(["--golden"], ""), *(([], text) for text in given)], tested=True)


def _once(package: Package, calls: list[tuple[list[str], str]], *, tested: bool) -> CleanRun:
    key = package.digest, tested
    if key not in _remembered:
        found = in_clean_process(package, calls, alone=not tested, trace=tested)
        while len(_remembered) >= _MOST:
            _remembered.pop(next(iter(_remembered)))
        _remembered[key] = found
    return _remembered[key]


def in_new_environment(package: Package, folder: Path | str, *, timeout: float = 600) -> Call:
    """Make a virtual environment from the package's lock alone and score its golden rows there.

    Needs a package index; takes half a minute or more.

    Parameters
    ----------
    package : Package
    folder : Path or str
        New or empty; the environment stays there.
    timeout : float
        Seconds for each of the three steps.
    """
    place = Path(folder)
    unpacked(package, place / "package")
    venv.create(place / "environment", with_pip=True)
    python = place / "environment" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    lock, code = place / "package" / "requirements.lock", place / "package" / "code" / "score.py"
    install = [str(python), "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", str(lock)]
    for command in (install, [str(python), "-I", str(code), "--golden"]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
        if done.returncode:
            break
    return Call(done.returncode, done.stdout, done.stderr)


def unpacked(package: Package, place: Path) -> Path:
    """Write the files of a package below `place`, and return it."""
    for name, data in package.files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    return place


def _run(command: list[str], *, cwd: str, timeout: float) -> dict[str, Any]:
    environment: Mapping[str, str] = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout, check=False
        )
        made: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise LifecycleError(f"the code of the package did not end within {timeout:g} s", where="code/score.py") from error
    except ValueError as error:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise LifecycleError(f"the clean process gave no answer; it said: {said}", where="code/score.py") from error
    return made


def _lines_of(source: bytes) -> set[int]:
    """Lines that can run: those that the compiler gave code to."""
    waiting, found = [compile(source, "score.py", "exec", dont_inherit=True)], set[int]()
    while waiting:
        code = waiting.pop()
        found |= {line for _, _, line in code.co_lines() if line}
        waiting += [each for each in code.co_consts if hasattr(each, "co_lines")]
    return found
