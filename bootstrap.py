"""Set the course up and run one of its commands: ``python3 bootstrap.py lab``. ``make lab`` does the same.

Standard library only, since nothing else is installed yet. The packages go into ``.venv``, from the hash-pinned lock of
this Python in ``requirements/``: with uv where it can be had, otherwise with pip. ``.venv/workbench.json`` records what was
set up, and is written last: a second call returns at once, and a set-up that was interrupted is made anew from what has
already been downloaded.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Iterator  # noqa: UP035 - also read by the Pythons that are then refused

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "workbench.json"
LOG = VENV / "setup.log"
LOCKS = ROOT / "requirements"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
SUFFIX = ".exe" if os.name == "nt" else ""
PYTHONS = ((3, 11), (3, 12), (3, 13))
SPACE = 2_000_000_000  # bytes: the environment takes 1.2 GB, the downloads that are kept the rest

HELP = {
    "setup": "set up the environment and nothing else (`setup dev` adds the tools of the tests)",
    "lab": "set up, copy the lessons to work/ and open JupyterLab",
    "course": "set up, build what is stale and run every lesson end to end",
    "test": "set up and run all the tests, which are the steps below",
    "lint": "the first step: ruff",
    "types": "mypy",
    "unit": "unit, property and browser tests",
    "fresh": "are the built notebooks those of their masters?",
    "nbval": "do the notebooks give the outputs that are stored in them?",
    "e2e": "the course end to end with another use case",
    "bench": "measure the figures that the README quotes",
    "lock": "renew the locks in requirements/",
    "build": "build what is stale",
    "help": "this list",
}
STEPS = ("lint", "types", "unit", "fresh", "nbval", "e2e")
# Rounds, one after the other, of lanes that run beside each other: the unit tests wait for limits of time, browsers and
# servers, and leave cores idle. What nbval compares has latencies measured against a budget: it runs alone.
ROUNDS = ((("lint", "unit"), ("types", "fresh", "e2e")), (("nbval",),))
LEARN = {"setup", "lab", "course", "build"}  # what the learner's lock is enough for; the rest needs the developer's

# One process more than two cores, since a third of the time a test waits; each begins with a third of the tests, in their
# order, so that little of what the tests of a module share is made twice.
UNIT = ["-n", "3", "--dist", "worksteal"]
# All cells of a notebook go to one kernel, which is a warm one; figures, counts and the order of outputs are compared too.
NBVAL = ["-p", "nbval", "-p", "workbench.regress.nbval_figures", "-p", "workbench.regress.nbval_order", "--nbval"]
NBVAL += ["-n", "2", "--dist", "loadscope"]
WARM = ["serve-kernels", "run", "--alone", "--strict", "--"]  # where none can be warm, as ever; else not one is cold
NO_DISK = r"No space left on device|os error 28|not enough space|Disk quota exceeded"
NO_NETWORK = (
    r"dns error|error sending request|Failed to fetch|Connection refused|Failed to establish a new connection|"
    r"Max retries exceeded|name resolution|Network is unreachable|timed out|Could not connect|Tunnel connection failed|"
    r"from versions: none"  # pip, where its index did not answer
)
ELSEWHERE = {  # variables that send Python or an installer to another environment
    "PYTHONHOME", "__PYVENV_LAUNCHER__", "PIP_PREFIX", "PIP_TARGET", "PIP_USER", "UV_PYTHON", "UV_SYSTEM_PYTHON",
}  # fmt: skip
BAD_HASH = r"DO NOT MATCH THE HASHES|Hash mismatch"


class SetupError(Exception):
    """What keeps the set-up from going on, in one line that also says what to do."""


def main(arguments: list[str]) -> int:
    """Set up what the command needs, then run it; the exit code is the command's, 2 where the set-up fails."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("setup", [])
    if name in ("help", "-h", "--help"):
        print(help_text())
        return 0
    try:
        if name not in HELP:
            raise SetupError(f"no command `{name}`; there are: {', '.join(HELP)}")
        set_up("learn" if name in LEARN and rest != ["dev"] else "dev")
    except SetupError as error:
        print(f"bootstrap: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"bootstrap: {explain(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nbootstrap: interrupted; call it again to go on", file=sys.stderr)
        return 130
    if name == "setup":
        print(f"ready: {VENV.name}. Next: `make lab`, or `{Path(sys.executable).name} bootstrap.py lab`")
        return 0
    try:
        if name == "test":
            return test()
        with tempfile.TemporaryDirectory(prefix="workbench-") as scratch:
            return run(name, rest, scratch=scratch)
    except KeyboardInterrupt:
        return 130


def help_text() -> str:
    """The commands, one a line."""
    lines = [f"  {name:<8}{text}" for name, text in HELP.items()]
    return "\n".join(["make COMMAND, or python3 bootstrap.py COMMAND:", *lines])


# --- the environment -------------------------------------------------------------------------------------------------


def set_up(profile: str) -> None:
    """Bring ``.venv`` to the lock of `profile`; returns at once when it is there.

    An environment that has the developer's packages keeps them: they include the learner's, at the same versions.
    """
    check_python()
    if installed() == target(profile):
        return
    with only_one():
        goal, previous = target(profile), installed()
        if previous == goal:  # the set-up that we waited for did it
            return
        start = time.monotonic()
        LOG.unlink(missing_ok=True)
        if any(previous.get(key) != goal[key] for key in ("ready", "profile", "python", "root", "lock")):
            install(str(goal["profile"]))
        stamp({**goal, "ready": False})
        install_project()
        stamp(goal)
        say(f"the environment is set up ({time.monotonic() - start:.0f} s)")


def check_python() -> None:
    """Refuse a Python that has no lock, naming one on this machine that has.

    Raises
    ------
    SetupError
        With the line to show.
    """
    if sys.version_info[:2] in PYTHONS:
        return
    found = next((name for name in ("python3.11", "python3.12", "python3.13") if answers(name)), None)
    here = ".".join(str(part) for part in sys.version_info[:3])
    there = (
        f"`{found} bootstrap.py`, or `make lab PYTHON={found}`" if found else "install one from your system or python.org"
    )
    raise SetupError(f"this is Python {here}, and the course needs 3.11, 3.12 or 3.13: {there}")


def target(profile: str) -> dict[str, object]:
    """What the stamp is to say after a set-up of `profile`, or of the developer's where that is there already."""
    previous = installed()
    if previous.get("ready") and previous.get("profile") == "dev":
        profile = "dev"
    return {
        "ready": True,
        "profile": profile,
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "root": str(ROOT),
        "lock": digest(lock_of(profile)),
        "project": digest(ROOT / "pyproject.toml"),
    }


def installed() -> dict[str, object]:
    """What the stamp says; nothing where there is none, it cannot be read, or the environment's Python is gone."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and (BIN / f"python{SUFFIX}").exists() else {}


def install(profile: str) -> None:
    """Make the environment where there is no sound one, and install the lock of `profile`."""
    sound, previous = is_sound(), installed()
    if not sound:
        make_venv()
    lock = lock_of(profile)
    count = len(re.findall(r"^[a-z0-9]\S*==", lock.read_text(encoding="utf-8"), re.MULTILINE))
    options = ["install", "--no-deps", "--require-hashes", "-r", str(lock)]
    uv = find_uv()
    stamp({"ready": False, "profile": profile})
    # Where Python is told to keep no bytecode, each process would compile all that it imports; pip compiles in any case.
    compiled = ["--compile-bytecode"] if sys.dont_write_bytecode else []
    said = f"installing {count} packages (lock {lock.name}, uv)"
    done = uv is not None and attempt(said, uv_pip(uv, [*options, *compiled]))
    if uv and not done and not re.search(NO_DISK, logged()):
        say("uv could not do it; trying pip, which takes longer")
    if not done and not re.search(NO_DISK, logged()):
        done = attempt(f"installing {count} packages (lock {lock.name}, pip)", [*pip(), *options])
    if not done:
        if sound and not re.search(NO_DISK, logged()):  # both download everything before they install: it still works
            stamp(previous) if previous else STAMP.unlink()
        raise SetupError(explain(logged()))


def install_project() -> None:
    """Install this checkout itself, so that its code is imported from where it is edited."""
    options = ["install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    uv = find_uv(fetch=False)
    if uv and attempt("installing the course itself", uv_pip(uv, options)):
        return
    if not attempt("installing the course itself with pip", [*pip(), *options]):
        raise SetupError(explain(logged()))


def is_sound() -> bool:
    """Whether there is an environment of this Python, made here, that no interrupted set-up left half made."""
    python = BIN / f"python{SUFFIX}"
    if not python.exists():
        return False
    found = installed()
    if STAMP.exists() and not (found.get("ready") and found.get("root") == str(ROOT)):
        return False
    version = tuple(sys.version_info[:2])
    return answers(str(python), f"import sys; sys.exit(sys.version_info[:2] != {version})")


def make_venv() -> None:
    """Make ``.venv`` anew.

    Raises
    ------
    SetupError
        When the disk is too full, or this Python has neither what makes an environment nor a pip to fill one.
    """
    free = shutil.disk_usage(ROOT).free
    if free < SPACE:
        raise SetupError(f"{free / 1e9:.1f} GB are free and the set-up takes {SPACE / 1e9:.0f}: make room and call it again")
    complete = importlib.util.find_spec("ensurepip") is not None and importlib.util.find_spec("venv") is not None
    if not complete and not has_pip(sys.executable) and not has_pip(base_python()):
        name = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise SetupError(f"this Python cannot make environments: install `{name}` (sudo apt-get install {name}), then again")
    if VENV.exists():
        say("the environment is for another Python, or was left half made: making it anew")
        remove(VENV)
    VENV.mkdir()
    stamp({"ready": False})
    options = [] if complete else ["--without-pip"]
    if not attempt("making the environment", [base_python(), "-m", "venv", *options, str(VENV)]):
        raise SetupError(explain(logged()))


def find_uv(*, fetch: bool = True) -> str | None:
    """The environment's uv, else the machine's; with `fetch`, one from the index before giving up."""
    found = shutil.which("uv", path=str(BIN)) or shutil.which("uv")
    if found or not fetch:
        return found
    command = [*pip(), "install", "--no-deps", "--require-hashes", "-r", str(LOCKS / "uv.lock")]
    if not attempt("installing uv", command) and re.search(f"{NO_NETWORK}|{NO_DISK}", logged()):
        raise SetupError(explain(logged()))
    return shutil.which("uv", path=str(BIN))


def uv_pip(uv: str, options: list[str]) -> list[str]:
    """A command of `uv` on the environment, whatever else is active."""
    return [uv, "pip", *options, "--python", str(BIN / f"python{SUFFIX}")]


def pip() -> list[str]:
    """The command of the environment's pip, or of another Python's pip working on the environment."""
    python = str(BIN / f"python{SUFFIX}")
    others = [other for other in (sys.executable, base_python()) if has_pip(other)]
    return [python, "-m", "pip"] if has_pip(python) or not others else [others[0], "-m", "pip", "--python", python]


def base_python() -> str:
    """The Python that environments are made from; not ours where we run in an environment, which may be about to go."""
    return getattr(sys, "_base_executable", None) or sys.executable


def has_pip(python: str) -> bool:
    """Whether `python` has pip."""
    return answers(python, "import pip")


def answers(python: str, code: str = "") -> bool:
    """Whether this command exists, and runs `code` to the end."""
    try:
        return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def attempt(what: str, command: list[str]) -> bool:
    """Run `command` with its output in the log, showing the seconds where somebody watches; whether it succeeded."""
    environment = {**surroundings(), "UV_NO_PROGRESS": "1", "PIP_NO_INPUT": "1", "PIP_PROGRESS_BAR": "off"}
    if "PIP_INDEX_URL" in os.environ:  # one setting is enough for both installers
        environment.setdefault("UV_DEFAULT_INDEX", os.environ["PIP_INDEX_URL"])
    start = time.monotonic()
    say(f"{what} ...")
    with LOG.open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, close_fds=False)
        while process.poll() is None:
            try:
                process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                if sys.stderr.isatty():
                    print(f"  {time.monotonic() - start:.0f} s", end="\r", file=sys.stderr, flush=True)
            except BaseException:
                process.terminate()
                process.wait()
                raise
    return process.returncode == 0


def explain(output: str) -> str:
    """One line for what an installer, or the system, had to say."""
    again = "and call it again: it goes on from what is already downloaded"
    if re.search(NO_DISK, output):
        return f"the disk is full: make room (the set-up takes {SPACE / 1e9:.0f} GB) {again}"
    if re.search(BAD_HASH, output):
        return f"a downloaded package is not the one in the lock: check your package index and proxy {again}"
    if re.search(NO_NETWORK, output):
        return f"the package index cannot be reached: check the network and proxy (HTTPS_PROXY, PIP_INDEX_URL) {again}"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    faults = [line for line in lines if re.match(r"(error|ERROR|×|Error)", line)] or lines or ["no message"]
    return f"{faults[-1]} (all of it: {LOG.relative_to(ROOT)})"


def lock_of(profile: str) -> Path:
    """The lock of `profile` for this Python."""
    return LOCKS / f"{profile}-py{sys.version_info[0]}{sys.version_info[1]}.lock"


def digest(path: Path) -> str:
    """SHA-256 of the file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise SetupError(f"{path.relative_to(ROOT)} is missing: this checkout is not complete, clone it again") from None


def stamp(content: dict[str, object]) -> None:
    """Replace the stamp."""
    part = STAMP.with_suffix(".part")
    part.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(STAMP)


def remove(folder: Path) -> None:
    """Take `folder` away, also where a file of it is still being written."""
    aside = folder.with_name(f"{folder.name}.old-{os.getpid()}")
    folder.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def logged() -> str:
    """What the installers have said in this set-up."""
    return LOG.read_text(encoding="utf-8", errors="replace") if LOG.exists() else ""


def say(text: str) -> None:
    """Tell the person, apart from what a command prints."""
    print(f"bootstrap: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold back a second set-up of this checkout until the first is done, where the system has file locks.

    An installer inherits the lock, so that one whose set-up was killed is waited for too.
    """
    with Path(__file__).open("rb") as stream:
        if os.name != "nt":
            import fcntl

            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("another set-up of this folder is running: waiting for it")
                fcntl.flock(stream, fcntl.LOCK_EX)
            os.set_inheritable(stream.fileno(), True)
        yield


# --- the commands ----------------------------------------------------------------------------------------------------


def surroundings() -> dict[str, str]:
    """The variables of our own process with the environment switched on."""
    kept = {key: value for key, value in os.environ.items() if key not in ELSEWHERE}
    return {**kept, "VIRTUAL_ENV": str(VENV), "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}


def commands(name: str, *, scratch: str) -> list[list[str]]:
    """The commands behind `name`, in order; `scratch` is a folder for what is not to be kept."""
    python = [str(BIN / f"python{SUFFIX}"), "-m"]
    workbench = [str(BIN / f"workbench{SUFFIX}")]
    report = ["--junitxml", str(Path(scratch, f"{name}.xml"))]
    return {
        "lab": [[*workbench, "lab"]],
        "build": [[*workbench, "build"]],
        "course": [[*workbench, "build"], [*workbench, "run"]],
        "lint": [[*python, "ruff", "check", "."], [*python, "ruff", "format", "--check", "."]],
        "types": [[*python, "mypy"]],
        "unit": [[*python, "pytest", "-q", *UNIT, *report]],
        "fresh": [[*workbench, "build", "--check"]],
        "nbval": [[*workbench, *WARM, *python, "pytest", "-q", "-o", "addopts=", *NBVAL, "notebooks", "solutions", *report]],
        "e2e": [[*workbench, "run", "-p", "use_case=fraud", "--jobs", "2", "--out", str(Path(scratch, "run"))]],
        "bench": [[python[0], str(file)] for file in sorted((ROOT / "benchmarks").glob("*.py"))],
        "lock": [[python[0], str(LOCKS / "lock.py")]],
    }[name]


def run(name: str, rest: list[str], *, scratch: str, output: IO[str] | None = None) -> int:
    """Run the commands of `name` until one fails, `rest` going to the last; the exit code."""
    todo = commands(name, scratch=scratch)
    code = 0
    for position, command in enumerate(todo, start=1):
        extra = rest if position == len(todo) else []
        code = call([*command, *extra], output=output)
        if code and name != "bench":  # a figure that falls short does not keep the next from being measured
            return code
    return code


def call(command: list[str], *, output: IO[str] | None = None) -> int:
    """Run one command and wait for it, also while it deals with Ctrl-C in its own way; the exit code.

    What it says goes to `output` where that is given.
    """
    interrupted = False
    errors = None if output is None else subprocess.STDOUT
    with subprocess.Popen(command, cwd=ROOT, env=surroundings(), stdout=output, stderr=errors) as process:
        while True:
            try:
                code = process.wait()
                break
            except KeyboardInterrupt:
                interrupted = True
    if interrupted:
        raise KeyboardInterrupt
    return code


def test() -> int:
    """Run every step even where another failed, and close with the count; 1 where anything failed."""
    done: dict[str, str] = {}
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    with tempfile.TemporaryDirectory(prefix="workbench-test-") as scratch:
        for lanes in ROUNDS:
            for name, (code, seconds) in beside(lanes, scratch).items():
                counts = counted(Path(scratch, f"{name}.xml")) or {
                    "passed": int(code == 0),
                    "failed": int(code != 0),
                    "skipped": 0,
                }
                counts["failed"] = max(counts["failed"], int(code != 0))  # pytest can also fail without a failing test
                totals = {key: totals[key] + counts[key] for key in totals}
                verdict = "FAILED" if code else "ok"
                done[name] = f"{name:<8}{verdict:<8}{seconds:5.0f} s  {sentence(counts)}"
    print("\n" + "\n".join(done[name] for name in STEPS))
    print(sentence(totals))
    return int(totals["failed"] > 0)


def beside(lanes: tuple[tuple[str, ...], ...], scratch: str) -> dict[str, tuple[int, float]]:
    """Run the steps of each lane in order, the lanes beside each other; the exit code and the seconds of each step.

    The first lane shows what it says as it goes; the others once all are done.
    """
    found: dict[str, tuple[int, float]] = {}
    stopped = threading.Event()

    def follow(lane: tuple[str, ...], output: IO[str] | None) -> None:
        for name in lane:
            if not stopped.is_set():
                print(f"\n=== {name}: {HELP[name]}", flush=True, file=output)
                start = time.monotonic()
                found[name] = run(name, [], scratch=scratch, output=output), time.monotonic() - start

    with contextlib.ExitStack() as held:
        later = [held.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")) for _ in lanes[1:]]
        threads = [threading.Thread(target=follow, args=pair) for pair in zip(lanes[1:], later)]  # noqa: B905 - Python 3.8
        for thread in threads:
            thread.start()
        try:
            follow(lanes[0], None)
        except BaseException:  # Ctrl-C, which the commands of the other lanes have met with too
            stopped.set()
            raise
        finally:
            for thread in threads:
                thread.join()
            for output in later:
                output.seek(0)
                sys.stdout.write(output.read())
    return found


def counted(report: Path) -> dict[str, int] | None:
    """The counts in pytest's JUnit report, or nothing where there is none."""
    if not report.exists():
        return None
    text = report.read_text(encoding="utf-8")
    count = {
        key: sum(int(number) for number in re.findall(rf'<testsuite [^>]*\b{key}="(\d+)"', text))
        for key in ("tests", "failures", "errors", "skipped")
    }
    failed = count["failures"] + count["errors"]
    return {"passed": count["tests"] - failed - count["skipped"], "failed": failed, "skipped": count["skipped"]}


def sentence(counts: dict[str, int]) -> str:
    """`12 passed, 0 failed`, with what was skipped where anything was."""
    return f"{counts['passed']} passed, {counts['failed']} failed" + (
        f", {counts['skipped']} skipped" if counts["skipped"] else ""
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
