"""``workbench train``: four models on a table of one's own, and the chosen one in a folder."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from course.commands.failures import RequestError, reported

if TYPE_CHECKING:
    from lifecycle.develop import Candidates


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("train")(train)


def train(
    data: Annotated[Path, typer.Argument(help="A table: .csv or .parquet.")],
    *,
    target: Annotated[str, typer.Option("--target", help="The column to predict, with two values.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write; a new or empty folder.")],
    positive: Annotated[str | None, typer.Option("--positive", help="The value of the target that counts as 1.")] = None,
    trials: Annotated[int, typer.Option("--trials", min=1, help="Settings to try for the tuned model.")] = 15,
    seed: Annotated[int, typer.Option("--seed", min=0, help="One seed, one result.")] = 0,
    cost_false_positive: Annotated[float, typer.Option(min=0, help="What a false alarm costs.")] = 1,
    cost_false_negative: Annotated[float, typer.Option(min=0, help="What a missed case costs.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train a baseline, a resampled, a weighted and a tuned model; choose on validation rows, judge once on test rows.

    Writes the chosen model, its recipe, the metrics with intervals, a table of the candidates and the tracker's folder.

    Exit codes: 0 trained; 2 the table or the request cannot be used.

    Example: workbench train data.csv --target churned --out model
    """
    if out.is_dir() and any(out.iterdir()):
        raise RequestError("the folder is not empty", where=str(out), remedy="name a new one: nothing is overwritten")
    with reported(), _kept_if_done(out):
        from lifecycle.develop import Tracker, train_candidates
        from lifecycle.develop.exploration.tables import read_table, usable

        table = read_table(data, target=target)
        usable(table, target, positive=positive)  # says what is wrong before anything is written
        with Tracker(out / "tracking") as tracker:
            found = train_candidates(
                table,
                target,
                name=data.name,
                positive=positive,
                trials=trials,
                seed=seed,
                tracker=tracker,
                cost_false_positive=cost_false_positive,
                cost_false_negative=cost_false_negative,
                progress=lambda line: typer.echo(f"training: {line}", err=True),
            )
        summary = _write(found, out)
    typer.echo(json.dumps(summary, indent=1, ensure_ascii=False) if as_json else _page(found, summary, out))


@contextmanager
def _kept_if_done(out: Path) -> Iterator[None]:
    """Leave `out` as it was, missing or empty, where what is done here fails: the next try would find it not empty."""
    was_there = out.is_dir()
    try:
        yield
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        if was_there:
            out.mkdir(parents=True, exist_ok=True)
        raise


def _write(found: Candidates, out: Path) -> dict[str, Any]:
    """Write the chosen model and what is known of it; return what ``metrics.json`` holds."""
    from lifecycle.develop import to_bytes
    from lifecycle.develop.training.model_bytes import suffix
    from workbench.files import digest_bytes, write_bytes, write_json, write_text

    best, judged = found.best, found.evaluate()
    model = to_bytes(best.model)
    summary = {
        "chosen": best.name,
        "model": f"model.{suffix(best.model)}",
        "model_sha256": digest_bytes(model),
        "threshold": best.recipe.threshold,
        "test": _plain(judged.metrics.to_dict("records")),
        "average_precision_above_baseline": _plain(judged.difference._asdict()),
        "test_cost": judged.cost,
        "test_cost_of_the_baseline": judged.baseline_cost,
        "notes": [str(note) for note in found.notes],
    }
    write_bytes(out / summary["model"], model)
    write_text(out / "recipe.json", best.recipe.to_json())
    write_text(out / "candidates.csv", found.table.to_csv(index=False, lineterminator="\n"))
    write_json(out / "metrics.json", summary)
    return summary


def _plain(value: Any) -> Any:
    """`value` for JSON, which has no notation for what is undefined: null."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _page(found: Candidates, summary: dict[str, Any], out: Path) -> str:
    """The result as text."""
    from lifecycle.show import Table, number

    names = ("average_precision", "roc_auc", "precision", "recall", "f1", "cost")
    rows = [
        [f"{'* ' if row['chosen'] else '  '}{row['candidate']}", *(number(row[name]) for name in names)]
        for row in found.table.to_dict("records")
    ]
    judged = found.evaluate()
    tests = [[row["metric"], *(number(row[name]) for name in ("value", "low", "high"))] for row in summary["test"]]
    parts = [
        *(f"note: {note}" for note in summary["notes"]),
        repr(Table(["  candidate", *names], rows, [False, *[True] * 6], "On the validation rows; * is chosen")),
        repr(Table(["metric", "value", "low", "high"], tests, [False, *[True] * 3], "On the test rows, with 95 % limits")),
        f"Average precision above the baseline's: {judged.difference}.",
        f"Mistakes on the test rows cost {number(judged.cost)}; with the baseline, {number(judged.baseline_cost)}.",
        f"Written to {out}: {summary['model']}, recipe.json, metrics.json, candidates.csv, tracking/.",
    ]
    return "\n".join(parts)
