"""Rebuilding a bundle with its own code, in a process of its own, and comparing what comes out.

The code in a bundle is code. It is run only after the seal was found whole, in a process with limits and without this
process's variables; but it can read and write what its user can. Rebuild what you trust: a bundle whose digest came
another way, or one in a container.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lifecycle import artifacts
from lifecycle.develop.rebuilding.agreement import METRIC_TOLERANCE, SCORE_TOLERANCE, agreement
from lifecycle.develop.rebuilding.archive import BUNDLES
from lifecycle.develop.rebuilding.bundle import opened
from lifecycle.develop.rebuilding.claims import check_claims, metrics_of, result_of
from lifecycle.develop.rebuilding.retrain import np_load
from lifecycle.develop.record.environment import FIXED, VARIABLES, portable
from lifecycle.develop.record.manifest import BundleError, Change, Manifest, compare_manifests, digest_of_bytes
from lifecycle.errors import ArtifactError

MEMORY = 8 * 1024**3
FILE = 1024**3
PROCESSES = 4_096
_READ = 64 * 1024**2

_LAUNCHER = """
import json, os, resource, sys
limits, command = json.loads(sys.argv[1]), sys.argv[2:]
for name, value in limits.items():
    kind = getattr(resource, name, None)
    if kind is not None:
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))
os.execv(command[0], command)
"""


@dataclass(frozen=True)
class Rebuilt:
    """What came out of a rebuild.

    Attributes
    ----------
    model_digest, expected_digest : str
        SHA-256 of the model that was made now, and of the one in the bundle.
    bit_equal : bool
        Whether they are one.
    largest_difference : float
        Of the scores of any test row; infinite where the rows are others.
    metrics : mapping
        Recomputed on the test rows; None where one is not defined.
    metric_differences : mapping
        Absolute difference to the recorded figure, by metric.
    same_conditions : bool or None
        Whether Python, packages and arithmetic were the recorded ones; None where the bundle does not record its machine and
        nothing else differs.
    changes : tuple of Change
        What was different about the environment.
    ok : bool
        Equal to the bit; or, unless the conditions were the same, within the tolerances of
        `lifecycle.develop.rebuilding.agreement`.
    log : str
        An entry for the reproduction log, in Markdown.
    """

    model_digest: str
    expected_digest: str
    bit_equal: bool
    largest_difference: float
    metrics: Mapping[str, float | None]
    metric_differences: Mapping[str, float]
    same_conditions: bool | None
    changes: tuple[Change, ...]
    ok: bool
    log: str


def rebuild(
    bundle: Path | str,
    *,
    python: Path | str | None = None,
    data: Path | str | None = None,
    out: Path | str | None = None,
    digest: str | None = None,
    limit: float = 600,
) -> Rebuilt:
    """Verify a bundle, run its own code in a process of its own, and compare the model that comes out.

    Parameters
    ----------
    bundle : Path or str
        An archive or an unpacked folder.
    python : Path or str, optional
        The interpreter, of an environment with the bundle's lock; this one by default.
    data : Path or str, optional
        The file with the rows, or the folder that it is in; the course's ``datasets`` by default. Not needed where the
        bundle holds its rows.
    out : Path or str, optional
        A new or empty folder for the model, the scores, the figures and the log; by default nothing is kept.
    digest : str, optional
        As in `lifecycle.develop.verify`.
    limit : float
        Seconds, of the clock and of the processor.

    Raises
    ------
    BundleError
        When the bundle is not whole or lacks what a rebuild needs, the interpreter or a package is missing, the rows are
        others, or the time is over.
    """
    files, manifest = opened(Path(bundle), digest=digest)
    check_claims(manifest, files)
    kept = Path(out) if out is not None else None
    if kept is not None and kept.exists() and (not kept.is_dir() or any(kept.iterdir())):
        raise BundleError("there is something already", where=kept.name, remedy="name a folder that is new or empty")
    with tempfile.TemporaryDirectory(prefix="rebuild-") as folder:
        root = BUNDLES.write_folder(files, Path(folder, "bundle"))
        made = Path(folder, "rebuilt")
        source = _data(manifest, Path(data) if data is not None else None)
        command = [str(root / "source" / "rebuild.py"), "--out", str(made)] + (["--data", str(source)] if source else [])
        _run(_interpreter(python), command, cwd=root, home=Path(folder), limit=limit, recorded=manifest.environment)
        model, scores, result = (_made(made / name) for name in (manifest.model["file"], "scores.npy", "result.json"))
    rebuilt = _compared(files, manifest, model, scores, result_of(result, manifest.environment))
    if kept is not None:
        artifacts.replace_file(kept / manifest.model["file"], model)
        artifacts.replace_file(kept / "scores.npy", scores)
        artifacts.replace_file(kept / "result.json", result)
        artifacts.replace_file(kept / "LOG.md", rebuilt.log.encode("utf-8"))
    return rebuilt


def _data(manifest: Manifest, data: Path | None) -> Path | None:
    """Where the rows are looked for; None where none are needed."""
    if manifest.data["included"] or not manifest.data["file"]:
        return None
    try:
        place = data if data is not None else artifacts.home() / "datasets"
    except ArtifactError as error:
        raise BundleError(f"the bundle refers to `{manifest.data['file']}` and does not hold it", where="data",
                          remedy="name the file, or the folder that it is in: `data=`") from error  # fmt: skip
    if not place.exists():
        raise BundleError("there is no such file or folder", where=f"data: {place.name}")
    return place.resolve()


def _interpreter(python: Path | str | None) -> str:
    import shutil

    found = shutil.which(str(python)) if python is not None else sys.executable
    if found is None:
        raise BundleError(
            "there is no such Python", where=str(python), remedy="name the interpreter: environment/bin/python"
        )
    return str(Path(found).absolute())  # not resolved: a link into an environment is what makes it that environment


def _run(python: str, command: list[str], *, cwd: Path, home: Path, limit: float, recorded: Mapping[str, Any]) -> None:
    """Run the bundle's command with limits; whatever goes wrong is a `BundleError` with its last words."""
    words = home / "words"
    whole = [python, "-s", *command]
    if os.name == "posix":
        limits = {"RLIMIT_AS": MEMORY, "RLIMIT_FSIZE": FILE, "RLIMIT_NPROC": PROCESSES, "RLIMIT_CORE": 0,
                  "RLIMIT_CPU": int(limit) + 1}  # fmt: skip
        if sys.platform == "darwin":  # where a limit on the address space stops the dynamic linker
            del limits["RLIMIT_AS"]
        whole = [sys.executable, "-I", "-S", "-c", _LAUNCHER, json.dumps(limits), *whole]
    with words.open("wb") as stream:
        process = subprocess.Popen(
            whole, cwd=cwd, env=_clean(home, recorded), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stream,
            start_new_session=True,
        )  # fmt: skip
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired as error:
            raise BundleError(f"not done after {limit:g} seconds, and stopped", where="rebuild",
                              remedy="allow more time: `limit=`") from error  # fmt: skip
        finally:
            _end(process)
    if code not in (0, 1) or not (home / "rebuilt" / "result.json").is_file():
        raise _failed(code, words)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it started."""
    if os.name == "posix":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        finally:
            process.wait()
    else:
        process.kill()
        process.wait()


def _failed(code: int, words: Path) -> BundleError:
    with words.open("rb") as stream:
        stream.seek(max(0, words.stat().st_size - 4_000))
        text = stream.read().decode("utf-8", "replace").strip()
    if code == 2 and text:  # its own error, in three parts already
        return BundleError(text, where="the bundle's code")
    last = "\n         ".join(text.splitlines()[-4:]) or "it said nothing"
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return BundleError(f"the bundle's code failed with {how}", where="rebuild", tried=last,
                       remedy="use an environment with the lock that is in the bundle (`locks/`)")  # fmt: skip


def _clean(home: Path, recorded: Mapping[str, Any]) -> dict[str, str]:
    """The few variables that the process gets: nothing of this one's but what a system needs, or what changes sums."""
    same = recorded.get("variables", {name: os.environ[name] for name in VARIABLES if name in os.environ})
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    own = {
        "HOME": str(home),
        "TMPDIR": str(home),
        "TEMP": str(home),
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
    }
    return {**own, **kept, **{name: str(same[name]) for name in VARIABLES if name in same}, **FIXED}


def _made(place: Path) -> bytes:
    """A file that the bundle's code wrote: an ordinary one, of a size that can be read."""
    if place.is_symlink() or not place.is_file():
        raise BundleError("the bundle's code did not write it", where=place.name)
    if place.stat().st_size > _READ * 4:
        raise BundleError(f"{place.stat().st_size:,} bytes: more than is read", where=place.name)
    return place.read_bytes()


def _compared(
    files: Mapping[str, bytes], manifest: Manifest, model: bytes, scores: bytes, result: Mapping[str, Any]
) -> Rebuilt:
    """Compare here: what the bundle's code says about itself is not asked."""
    found = digest_of_bytes(model)
    equal = found == manifest.model["sha256"]
    agreed = agreement(
        np_load(files["expected_scores.npy"]),
        np_load(scores),
        metrics_of(files["expected.json"], "expected.json"),
        result["metrics"],
    )
    changes = tuple(_changes(manifest.environment, result["environment"]))
    same = not changes if manifest.environment["machine_recorded"] or changes else None
    ok = agreed.within and (equal or same is not True)
    metric = max(agreed.metric_differences.values(), default=0.0)
    log = _log(manifest, found, equal, agreed.largest_difference, metric, changes, ok)
    return Rebuilt(
        found, manifest.model["sha256"], equal, agreed.largest_difference, result["metrics"], agreed.metric_differences,
        same, changes, ok, log,
    )  # fmt: skip


def _changes(recorded: Mapping[str, Any], found: Mapping[str, Any]) -> list[Change]:
    """What of the environment differs: Python and packages, and the arithmetic where it was recorded."""
    before, after = ({**portable(each)} for each in (recorded, found))
    if recorded["machine_recorded"]:
        for made, each in ((before, recorded), (after, found)):
            made["cpu"], made["system"] = each["cpu"], each["system"]
    return compare_manifests(before, after)


def _log(
    manifest: Manifest, found: str, equal: bool, largest: float, metric: float, changes: tuple[Change, ...], ok: bool
) -> str:
    lines = [
        "## Rebuilt",
        "",
        f"- verdict: {'agrees' if ok else 'does not agree'}",
        f"- model in the bundle `{manifest.model['sha256']}`",
        f"- model made now `{found}`: {'equal to the bit' if equal else 'not equal to the bit'}",
        f"- largest difference of a score {largest:.3g} (tolerance {SCORE_TOLERANCE:g}), of a metric {metric:.3g} "
        f"(tolerance {METRIC_TOLERANCE:g})",
        *([f"- environment: {change}" for change in changes] or ["- environment: nothing on record differs"]),
        "- by whom, when, where: to be filled in",
    ]
    return "\n".join(lines) + "\n"
