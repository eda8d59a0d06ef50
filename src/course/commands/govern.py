"""``workbench govern``: whether a run still holds what was signed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course.commands.failures import RequestError, reported

if TYPE_CHECKING:
    from lifecycle.govern import RunReport, Signers


def register(app: typer.Typer) -> None:
    """Add the group of commands to the application."""
    group = typer.Typer(help="Model card, approvals and audit trail of a run.", no_args_is_help=True)
    group.command("verify")(verify)
    app.add_typer(group, name="govern")


def verify(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", help="A run's folder, or one that holds the artefacts as NN/file.", show_default=False
        ),
    ],
    *,
    signers: Annotated[
        Path | None, typer.Option("--signers", help="Who may sign, from a place of your own; the run's own list by default.")
    ] = None,
    head: Annotated[
        Path | None,
        typer.Option(
            "--head", help="The trail's head (19/trail.head) as you kept it elsewhere: shows an older run put back."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print everything that was found as JSON, and nothing else.")
    ] = False,
) -> None:
    """Verify a run: the card against the files, the approvals against the card, the trail against its keeper's key.

    Names what was changed: the file, the field, the gate, or the first record of the trail that is not what was written.

    Exit codes: 0 everything holds; 1 something does not; 2 there is nothing to verify: no card, no list of signers, no head.

    Example: workbench govern verify datasets/artifacts
    """
    from lifecycle.govern import verify_run

    with reported():
        found = verify_run(
            run,
            signers=None if signers is None else _signers(signers),
            anchor=None if head is None else _read(head, "name a copy of the run's 19/trail.head"),
            fallback=_committed(run),
        )
    if as_json:
        faults = [asdict(each) for each in found.faults]
        typer.echo(
            json.dumps(
                {"title": found.title, "holds": found.holds, "faults": faults, "checked": dict(found.checked)}, indent=1
            )
        )
    else:
        typer.echo(_summary(found, run, own_list=signers is None, own_head=head is None))
    if not found.holds:
        raise typer.Exit(1)


def _signers(place: Path) -> Signers:
    from lifecycle.govern import Signers

    return Signers.from_json(_read(place, "name the list that lesson 19 wrote, 19/signers.json"))


def _read(place: Path, remedy: str) -> bytes:
    try:
        return place.read_bytes()
    except OSError as error:
        raise RequestError("cannot be read", where=str(place), remedy=remedy) from error


def _committed(run: Path) -> Path | None:
    """The course's own artefacts, where this is a run of the default use case, which takes over what it did not make."""
    from lifecycle import artifacts

    record, default = run / "run.json", artifacts.DEFAULT_USE_CASE
    if record.is_file():
        try:
            use_case = json.loads(record.read_bytes())["given"].get("use_case", default)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RequestError("not the record of a run", where=str(record)) from error
    else:
        use_case = run.resolve().name if run.resolve().parent.name == "interactive" else ""
    return artifacts.home() / "datasets" / "artifacts" if use_case == default else None


def _summary(found: RunReport, run: Path, *, own_list: bool, own_head: bool) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in found.checked.items())
    lines = [f"{found.title} in {run}: {counts} looked at"]
    lines += [f"- {fault.kind}: {fault}" for fault in found.faults]
    lines.append(
        "Everything holds." if found.holds else f"{len(found.faults)} of it does not hold: go back to what was signed."
    )
    if own_list:
        lines.append("Who may sign was read from the run itself; give a list of your own with --signers.")
    if own_head:
        lines.append("How far the trail goes was read from the run itself; give a head kept elsewhere with --head.")
    return "\n".join(lines)
