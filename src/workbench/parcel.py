"""A lesson sent to where nothing of this machine can be read: what goes there, and what comes back.

A *parcel* holds the notebook and the artefacts that it reads, by their bytes. The course itself (its code and its data) is
there already: it must be the same one in every part that the lesson's fingerprint covers, or the parcel comes back unopened.
It is executed in a run folder of its own, and the notebook and the artefacts that it wrote come back as a *delivery*.
"""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench import cluster, files, fingerprint, local
from workbench.catalog import Catalog, Lesson
from workbench.course import Course
from workbench.errors import ClusterError, CourseError, WorkbenchError
from workbench.execute import Job, Outcome, environment_for, execute
from workbench.parameters import Value
from workbench.record import packages

VERSION = 2  # raised when a parcel or a delivery means something else than before
LARGEST = 1 << 30  # bytes that a delivery may bring
_NAMED = 5  # differences that a message lists


@dataclass(frozen=True)
class Parcel:
    """A lesson to be executed elsewhere.

    Attributes
    ----------
    label : str
        The lesson's slug.
    root : str
        The course's folder on the machine that sends it.
    notebook : bytes
        The notebook to execute.
    parameters, injected : mapping
        All parameters, and those to inject.
    inputs : mapping
        The artefacts that it reads, by name.
    outputs : tuple of str
        The artefacts that it is to bring back.
    depends : mapping
        What `fingerprint.parts` says here.
    packages : mapping
        Versions of Python and the packages that the course asks for.
    limit : float
        Seconds that it may take.
    digest : str
        SHA-256 of `notebook`; those of `inputs` are in `depends`.
    neighbours : mapping
        For the address of a worker, how many tasks its machine may have at once.
    """

    label: str
    root: str
    notebook: bytes
    parameters: Mapping[str, Value]
    injected: Mapping[str, Value]
    inputs: Mapping[str, bytes]
    outputs: tuple[str, ...]
    depends: Mapping[str, Any]
    packages: Mapping[str, str]
    limit: float
    digest: str
    neighbours: Mapping[str, int] = field(default_factory=dict)
    version: int = VERSION


@dataclass(frozen=True)
class Delivery:
    """What came of a parcel.

    Attributes
    ----------
    outcome : Outcome
        Of the execution.
    notebook : bytes
        As far as it was executed.
    outputs : mapping
        The artefacts that were written, of those that were to be, by name.
    digests : mapping
        SHA-256 of each of them, and of the notebook under the empty name.
    place : str
        Address of the worker.
    system : str
        The kind of its machine.
    """

    outcome: Outcome
    notebook: bytes
    outputs: Mapping[str, bytes]
    digests: Mapping[str, str]
    place: str
    system: str


def carry_out(parcel: Parcel) -> Delivery:
    """Execute a parcel; in the process that has been given it, on whatever machine that is.

    Raises
    ------
    ClusterError
        When there is no course here or it is another one, when what arrived is not what was sent, or when the lesson wrote
        more than `LARGEST` bytes.
    ParameterError, ExecutionError
        As `execute` has it.
    """
    place, threads, scratch = cluster.here()
    if parcel.version != VERSION:
        raise ClusterError(
            "it was sent by another version of the engine", where=place, remedy="install the same version on all machines"
        )
    if files.digest_bytes(parcel.notebook) != parcel.digest:
        raise ClusterError("the notebook arrived damaged", where=place)
    for artifact, data in parcel.inputs.items():
        if files.digest_bytes(data) != parcel.depends["inputs"][artifact]:
            raise ClusterError(f"`{artifact}` arrived damaged", where=place)
    course = _course(parcel, place)
    lesson = _same(parcel, course, place)
    with tempfile.TemporaryDirectory(prefix="run-", dir=scratch or None) as name:
        folder = Path(name)
        notebook = _put(folder / "notebooks" / f"{parcel.label}.ipynb", parcel.notebook)
        for artifact, data in parcel.inputs.items():
            _put(folder / "artifacts" / artifact, data)
        shared = local.share_of_threads(parcel.neighbours.get(place, threads), always=True)
        environment = environment_for(course, lesson, folder) | shared
        job = Job(notebook, notebook, parcel.injected, notebook.parent, environment, parcel.label, parcel.limit)
        outcome = execute(job)
        _same(parcel, course, place)
        wrote = {one: folder / "artifacts" / one for one in parcel.outputs}
        found = {one: path for one, path in wrote.items() if path.is_file()}
        _bounded([notebook, *found.values()], parcel.label)
        outputs = {one: path.read_bytes() for one, path in found.items()}
        executed = notebook.read_bytes()
    digests = {one: files.digest_bytes(data) for one, data in [("", executed), *outputs.items()]}
    return Delivery(outcome, executed, outputs, digests, place, _system())


def accept(delivery: Delivery, parcel: Parcel, *, folder: Path) -> str:
    """Put what came back into the folder of the run.

    Returns
    -------
    str
        What the reader of the run should know; most often nothing.

    Raises
    ------
    ClusterError
        When what arrived is not what was sent, was not asked for, or is too large. Nothing is written then.
    """
    brought = {"": delivery.notebook, **delivery.outputs}
    if strange := set(delivery.outputs) - set(parcel.outputs):
        raise ClusterError(f"brought back `{min(strange)}`, which was not asked for", where=delivery.place)
    if sum(map(len, brought.values())) > LARGEST:
        raise ClusterError(f"brought back more than {LARGEST >> 20} MB", where=delivery.place)
    for name, data in brought.items():
        if files.digest_bytes(data) != delivery.digests.get(name):
            raise ClusterError(f"`{name or 'the notebook'}` came back damaged", where=delivery.place)
    files.write_bytes(folder / "notebooks" / f"{parcel.label}.ipynb", delivery.notebook)
    for name, data in delivery.outputs.items():
        files.write_bytes(folder / "artifacts" / name, data)
    return "" if delivery.system == _system() else f"executed on {delivery.system}: its last digits may be others than here"


def _put(path: Path, data: bytes) -> Path:
    """Write a file of a folder that nobody else knows of and that is removed in the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _course(parcel: Parcel, place: str) -> Course:
    """The course on this machine: that which ``WORKBENCH_COURSE`` names, else that in the same folder as the sender's."""
    named = os.environ.get("WORKBENCH_COURSE")
    try:
        return Course.find(Path(named or parcel.root))
    except CourseError as error:
        raise ClusterError(
            "the worker has no course",
            where=place,
            tried=str(named or parcel.root),
            remedy="copy the course's folder there, and start the worker with WORKBENCH_COURSE set to it",
        ) from error


def _same(parcel: Parcel, course: Course, place: str) -> Lesson:
    """The lesson in the worker's course, which is the sender's in all that the result depends on."""
    try:
        lesson = Catalog.load(course.catalog)[parcel.label]
        master = course.lessons / f"{lesson.slug}.py"
        inputs = parcel.depends["inputs"]
        parts = fingerprint.parts(course, lesson, master, parcel.parameters, inputs=inputs, python=fingerprint.this_python())
    except (WorkbenchError, OSError) as error:
        raise ClusterError(f"the worker's course cannot be used: {error}", where=place) from error
    entry = [] if (*lesson.inputs, "", *lesson.outputs) == (*inputs, "", *parcel.outputs) else ["its entry in the catalogue"]
    found = [*entry, *_differences(parcel.depends, parts), *_differences({"": parcel.packages}, {"": packages(course)})]
    if found:
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        raise ClusterError(
            "the worker's course is another one than the sender's",
            where=": ".join(filter(None, (place, str(course.root)))),
            tried=f"comparing them; these differ: {', '.join(found[:_NAMED])}{more}",
            remedy="bring that folder, or that environment, to the same state",
        )
    return lesson


def _differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    """What two sets of parts differ in, as ``code tea.water:after``."""
    for kind in sorted({*ours, *theirs}):
        one, other = ours.get(kind), theirs.get(kind)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from (f"{kind} {name}".strip() for name in sorted({*one, *other}) if one.get(name) != other.get(name))
        elif one != other:
            yield kind


def _bounded(paths: list[Path], label: str) -> None:
    sizes = {path: path.stat().st_size for path in paths}
    if sum(sizes.values()) > LARGEST:
        largest = max(sizes, key=lambda path: sizes[path])
        raise ClusterError(
            f"wrote more than {LARGEST >> 20} MB, most of it in {largest.name}", where=label, remedy="run it on this machine"
        )


def _system() -> str:
    return f"{platform.system()} {platform.machine()}"
