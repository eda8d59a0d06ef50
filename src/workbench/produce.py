"""What one target becomes: its master is executed in a folder of its own, and the files to publish come back."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import files, outputs, targets
from workbench.errors import WorkbenchError
from workbench.targets import Target

ARTIFACT_BYTES = 2 * 1024 * 1024  # of one lesson
SECONDS = 60.0  # a lesson that takes longer at its defaults is not published; half of that is the aim


@dataclass(frozen=True)
class Product:
    """The files to publish, in order, or why there are none."""

    files: Mapping[Path, bytes]
    problems: tuple[str, ...]
    seconds: float


def produce(target: Target) -> Product:
    """Execute one target in a folder of its own and return its files; only an exercise's key is written at once."""
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="workbench-build-", ignore_cleanup_errors=True) as folder:
            made, problems = _made(target, Path(folder))
    except WorkbenchError as error:
        made, problems = {}, [str(error)]
    return Product(made if not problems else {}, tuple(problems), time.monotonic() - started)


def _made(target: Target, folder: Path) -> tuple[dict[Path, bytes], list[str]]:
    from workbench.checks.key import record

    course = target.course
    notebooks = targets.skeletons(target)
    fingerprint = targets.fingerprint(target)
    made: dict[Path, bytes] = {}
    if target.key:
        keys = record(course, target.lesson)
        files.write_json(target.key, keys.visible.table())  # the solution's own checks read it
        made[target.key] = target.key.read_bytes()
        if target.hidden_key and keys.hidden:
            made[target.hidden_key] = files.json_bytes(keys.hidden.table())
    executed, failure = execute_target(target, notebooks[target.executed], folder)
    if failure:
        return {}, [failure]
    artifacts, problems = _artifacts(target, folder)
    made |= artifacts
    recorded: dict[str, Any] = {
        "master": course.relative(target.master),
        "fingerprint": fingerprint,
        "depends": targets.depends(target),
    }
    if target.kind == "lesson":
        recorded["artifacts"] = {
            name: files.digest_bytes(artifacts[path]) for name, path in target.artifacts.items() if path in artifacts
        }
    if target.key:
        recorded["key"] = files.digest_bytes(made[target.key])
    # A digest of the hidden key is no business of the notebook that students get.
    secret = {"hidden_key": files.digest_bytes(made[target.hidden_key])} if target.hidden_key in made else {}
    for path, notebook in {**notebooks, target.executed: executed}.items():
        name = course.relative(path)
        problems += map(str, outputs.findings(notebook, notebook=name, course=course, digits=target.kind == "lesson"))
        private = secret if path == target.executed else {}
        notebook["metadata"]["workbench"] = {**recorded, **private, "source": targets.source_digest(notebook)}
        text = _written(notebook)
        problems += map(str, outputs.too_large(text, notebook=name))
        made[path] = text.encode("utf-8")
    return made, problems


def execute_target(target: Target, skeleton: Any, folder: Path, *, limit: float = SECONDS) -> tuple[Any, str]:
    """`skeleton` executed in `folder` within `limit` seconds, which then holds what it wrote; or why it could not be."""
    from workbench.execute import Job, environment_for, execute
    from workbench.notebooks import nbformat

    course = target.course
    run = folder / "run"
    for name in target.inputs:
        if not (course.artifacts / name).is_file():
            return None, f"{course.relative(target.master)}: its input `{name}` is not there\n  next:  workbench build"
        files.write_bytes(run / "artifacts" / name, (course.artifacts / name).read_bytes())
    notebook, output = folder / "input.ipynb", folder / "output.ipynb"
    files.write_text(notebook, _written(skeleton))
    target.executed.parent.mkdir(parents=True, exist_ok=True)
    environment = environment_for(course, target.as_lesson, run)
    outcome = execute(Job(notebook, output, {}, target.executed.parent, environment, target.label, limit))
    if outcome.error:
        error = outcome.error
        place = f"{course.relative(target.executed)}: cell {error.id}"
        return None, f"{place}: {error.name}: {error.message}\n{error.around}".rstrip()
    return with_outputs(skeleton, nbformat.read(output, as_version=4)), ""


def with_outputs(skeleton: Any, executed: Any) -> Any:
    """`skeleton` with the outputs and counts of `executed`, whose other metadata (times, versions) is left behind."""
    done = {cell["id"]: cell for cell in executed["cells"]}
    for cell in skeleton["cells"]:
        if cell["cell_type"] == "code":
            cell["execution_count"] = done[cell["id"]]["execution_count"]
            cell["outputs"] = outputs.joined(done[cell["id"]]["outputs"])
    return skeleton


def _artifacts(target: Target, folder: Path) -> tuple[dict[Path, bytes], list[str]]:
    """What the lesson wrote, by the path it is committed to, and what is wrong with it."""
    place = target.course.relative(target.master)
    written = folder / "run" / "artifacts"
    found = {path.relative_to(written).as_posix(): path for path in written.rglob("*") if path.is_file()}
    made = {path: found[name].read_bytes() for name, path in target.artifacts.items() if name in found}
    problems = [f"{place}: `{name}` was not written\n  next:  write it, or take it out of the catalogue's outputs"
                for name in target.artifacts if name not in found]  # fmt: skip
    problems += [f"{place}: wrote `{name}`, which the catalogue does not declare"
                 for name in sorted(set(found) - set(target.artifacts) - set(target.inputs))]  # fmt: skip
    size = sum(map(len, made.values()))
    if size > ARTIFACT_BYTES:
        problems.append(f"{place}: {size:,} bytes of artefacts, over the {ARTIFACT_BYTES:,} that a lesson may keep")
    return made, problems


def _written(notebook: Any) -> str:
    from workbench.notebooks import nbformat

    return f"{nbformat.writes(nbformat.from_dict(notebook)).rstrip()}\n"
