"""``workbench bundle`` and ``workbench rebuild``: a trained model as something that somebody else can make again."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from course.commands.failures import RequestError, reported

if TYPE_CHECKING:
    from lifecycle.develop import Rebuilt


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("bundle")(bundle)
    app.command("rebuild")(rebuild)


def bundle(
    model: Annotated[Path, typer.Argument(metavar="DIR", help="What `workbench train` wrote.")],
    *,
    data: Annotated[Path | None, typer.Option("--data", help="The table it was trained on.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to write; DIR/bundle.zip by default.")] = None,
    without_rows: Annotated[bool, typer.Option("--without-rows", help="Refer to the rows, and leave them out.")] = False,
    without_machine: Annotated[
        bool, typer.Option("--without-machine", help="Do not record this machine: the same bytes on every one.")
    ] = False,
    notes: Annotated[str, typer.Option("--notes", help="A line for the README.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Pack a trained model with all that a rebuild needs: code, locks, rows or their digest, figures, a manifest.

    The rows go in, unless --without-rows says otherwise. Keep the digest that is printed somewhere else than the bundle.

    Exit codes: 0 written; 2 the folder, the table or the request cannot be used.

    Example: workbench bundle model --data data.csv
    """
    place = out if out is not None else model / "bundle.zip"
    if place.exists() and (place.is_file() or any(place.iterdir())):
        raise RequestError("there is something already", where=str(place), remedy="name a new file: nothing is overwritten")
    with reported():
        from lifecycle.develop import BundleError, Recipe, verify
        from lifecycle.develop import bundle as pack
        from lifecycle.develop.record.manifest import digest_of_bytes

        recipe = Recipe.from_json(_text(model / "recipe.json"))
        try:
            metrics = json.loads(_text(model / "metrics.json"))
        except ValueError as error:
            raise BundleError(f"not JSON: {error}", where=str(model / "metrics.json")) from error
        pack(recipe, _model(model), metrics=metrics, data=_table(recipe.source, data), out=place, notes=notes,
             rows=not without_rows, machine=not without_machine)  # fmt: skip
        manifest = verify(place)
        digest = digest_of_bytes(place.read_bytes()) if place.is_file() else manifest.digest
    if as_json:
        typer.echo(json.dumps({"bundle": str(place), "digest": digest, "manifest": manifest.to_dict()}, indent=1))
        return
    typer.echo(f"Written to {place}: {len(manifest.files) + 1} files, model {manifest.model['sha256'][:12]}…")
    typer.echo(f"SHA-256 {digest}")
    typer.echo(f"Next: workbench rebuild {place} --digest {digest}")


def rebuild(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="An archive, or the folder it was unpacked to.")],
    *,
    python: Annotated[Path | None, typer.Option("--python", help="The interpreter; this one by default.")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="The file with the rows, or its folder.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="A new folder for what comes out.")] = None,
    digest: Annotated[str | None, typer.Option("--digest", help="SHA-256 that the bundle must have.")] = None,
    limit: Annotated[float, typer.Option("--limit", min=1, help="Seconds it may take.")] = 600.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Verify a bundle, make its model again with its own code, and compare.

    The code in a bundle is run, with limits but as you: rebuild only what you trust, best by a digest from another source.

    Exit codes: 0 the model agrees; 1 it does not; 2 the bundle was changed, or cannot be rebuilt here.

    Example: workbench rebuild model/bundle.zip --digest 0f526cd19e29… --out rebuilt
    """
    with reported():
        from lifecycle.develop import rebuild as make_again

        rebuilt = make_again(bundle, python=python, data=data, out=out, digest=digest, limit=limit)
    typer.echo(json.dumps(_plain(rebuilt), indent=1) if as_json else rebuilt.log, nl=as_json)
    if not rebuilt.ok:
        raise typer.Exit(1)


def _plain(rebuilt: Rebuilt) -> dict[str, Any]:
    """The result for JSON, which has no notation for infinity: null."""

    def number(value: float) -> float | None:
        return value if math.isfinite(value) else None

    return {
        "ok": rebuilt.ok,
        "bit_equal": rebuilt.bit_equal,
        "same_conditions": rebuilt.same_conditions,
        "model_sha256": rebuilt.model_digest,
        "expected_sha256": rebuilt.expected_digest,
        "largest_difference": number(rebuilt.largest_difference),
        "metrics": dict(rebuilt.metrics),
        "metric_differences": {name: number(value) for name, value in rebuilt.metric_differences.items()},
        "changes": [str(change) for change in rebuilt.changes],
    }


def _text(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError("cannot be read", where=str(place), tried=str(error).partition("] ")[2] or str(error),
                           remedy="name the folder that `workbench train --out` wrote") from error  # fmt: skip


def _model(folder: Path) -> bytes:
    found = [folder / name for name in ("model.json", "model.skops") if (folder / name).is_file()]
    if len(found) != 1:
        raise RequestError("it must hold one of model.json and model.skops", where=str(folder),
                           remedy="name the folder that `workbench train --out` wrote")  # fmt: skip
    return found[0].read_bytes()


def _table(source: Any, data: Path | None) -> Any:
    """The rows of a table of one's own, read as `workbench train` read them."""
    if "use_case" in source:
        if data is not None:
            raise RequestError("the model was trained on a data set of the course, which is referred to", where="--data",
                               remedy="leave it out")  # fmt: skip
        return None
    if data is None:
        raise RequestError(f"the model was trained on the table `{source['file']}`", where="--data",
                           remedy="name that table: its rows go in, or with --without-rows their digest")  # fmt: skip
    from lifecycle.develop.exploration.tables import read_table

    return read_table(data)
