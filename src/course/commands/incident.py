"""``workbench incident``: a stream of days in which something may be wrong, to find out what."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from course.commands.failures import RequestError, reported

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from lifecycle.deploy.packaging.package import Package
    from lifecycle.develop.sources.use_cases import UseCase
    from lifecycle.monitor import Answer, Outcome, Stakes, Stream

DAYS, SHOWN = 60, 14
PER_DAY = {"fraud": 1000}
_RECORD = "game.json"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("incident")(incident)


def incident(
    seed: Annotated[int, typer.Option("--seed", min=0, help="Which incident; the same number, the same incident.")],
    *,
    use_case: Annotated[str, typer.Option("--use-case", help="Whose stream: credit, fraud or churn.")] = "credit",
    out: Annotated[
        Path | None, typer.Option("--out", help="The game's folder; work/incidents/USE_CASE-SEED by default.")
    ] = None,
    more: Annotated[int, typer.Option("--next", min=0, help="Reveal so many more days.")] = 0,
    kind: Annotated[str | None, typer.Option("--kind", help="Your diagnosis, once: it ends the game.")] = None,
    since: Annotated[int, typer.Option("--since", min=-1, help="With --kind: the first day affected.")] = -1,
    feature: Annotated[str, typer.Option("--feature", help="With --kind: the feature concerned, where there is one.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the state as JSON, and nothing else.")] = False,
) -> None:
    """Find out what is wrong with a stream of days: an incident of unknown kind, or none, is in it.

    The first call writes the first 14 days into a folder (requests, outcomes as they come in, measurements, log: CSV files)
    with a reference from before. Look at them, reveal more days with --next, and say what it is with --kind: one of none,
    covariate, prior, concept, broken_feed, unit_change, silent_null, latency, log_anomaly. You get points for
    diagnosis and speed, the money that was lost until then, and the truth. Deterministic: nothing depends on the clock.

    Exit codes: 0 days revealed, or an answer judged; 2 the request cannot be carried out: no such kind or feature, nothing
    left to reveal, an answer was given before.

    Example: workbench incident --seed 7 --next 10; workbench incident --seed 7 --kind prior --since 21
    """
    if kind is None and (since != -1 or feature):
        raise RequestError("--since and --feature are parts of a diagnosis", remedy="name its --kind too")
    with reported():
        game = _Game(seed, use_case, _folder(out, use_case, seed))
        state = game.answer(kind, since, feature) if kind is not None else game.reveal(more)
    typer.echo(json.dumps(state, indent=1) if as_json else _told(state, game.folder, seed, use_case))


def _folder(out: Path | None, use_case: str, seed: int) -> Path:
    from workbench.course import Course

    return out if out is not None else Course.find().work / "incidents" / f"{use_case}-{seed}"


class _Game:
    """One game: what it is made of, and the record in its folder."""

    def __init__(self, seed: int, use_case: str, folder: Path) -> None:
        from lifecycle import artifacts
        from lifecycle.deploy import open_package
        from lifecycle.develop import use_case as case_of
        from workbench.files import digest_bytes

        self.seed, self.folder = seed, folder
        self.case: UseCase = case_of(use_case)
        self.package: Package = open_package(artifacts.path("07/package.zip", use_case=use_case))
        self.rows: pd.DataFrame = artifacts.read_frame("11/production.parquet", use_case=use_case)
        self.digest = digest_bytes(artifacts.read_bytes("11/production.parquet", use_case=use_case))
        self.scorer = self.package.scorer()
        self.record = self._read()

    def _read(self) -> dict[str, Any]:
        mine = {"seed": self.seed, "use_case": self.case.name, "model": self.package.digest, "rows": self.digest}
        place = self.folder / _RECORD
        if not place.is_file():
            if self.folder.is_dir() and any(self.folder.iterdir()):
                raise RequestError(
                    "the folder holds something else", where=str(self.folder), remedy="name another with --out"
                )
            return {**mine, "revealed": 0, "answer": None}
        try:
            found = json.loads(place.read_text(encoding="utf-8"))
            same = all(found[name] == value for name, value in mine.items()) and 0 <= int(found["revealed"]) <= DAYS
        except (OSError, ValueError, KeyError, TypeError):
            same = False
        if not same:
            raise RequestError("the folder holds another game, or one with another model or other rows",
                               where=str(self.folder), remedy="name another with --out, or remove it")  # fmt: skip
        return dict(found)

    def _keep(self) -> None:
        from workbench.files import write_json

        write_json(self.folder / _RECORD, self.record)

    def _scores(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        return self.scorer.scores(self.package.guard(rows))

    def stream(self, *, quiet: bool = False) -> Stream:
        """The stream of this seed; `quiet`, the same without its incident."""
        from lifecycle.monitor import NO_INCIDENT, draw_incident, replay

        drawn = draw_incident(self.seed, features=self.package.features, days=DAYS)
        return replay(
            self.rows, target=self.case.target, scores=self._scores, days=DAYS, per_day=PER_DAY.get(self.case.name, 200),
            incident=NO_INCIDENT if quiet else drawn, seed=self.seed, features=self.package.features,
        )  # fmt: skip

    def reference(self) -> pd.DataFrame:
        """Rows from before, which the model was not trained on, with scores."""
        from lifecycle import artifacts

        rows = artifacts.read_frame("03/features.parquet", use_case=self.case.name)
        rows = rows[rows["split"] != "train"].reset_index(drop=True)
        features = list(self.package.features)
        return rows[["entity", self.case.target, *features]].assign(score=self._scores(rows[features]))

    def reveal(self, more: int) -> dict[str, Any]:
        """Write more days; the first time, the first ones."""
        from lifecycle.monitor import write_days
        from lifecycle.monitor.diagnosis.folder import write_table

        revealed = int(self.record["revealed"])
        if self.record["answer"] is not None:
            if more:
                raise RequestError("the game is over: an answer was given", where=str(self.folder))
            return dict(self.record)
        if more and revealed == DAYS:
            raise RequestError("all days are there", where=str(self.folder), remedy="say what happened with --kind")
        last = min(DAYS, (revealed or SHOWN) + more)
        if last > revealed:
            if not revealed:
                write_table(self.reference(), self.folder / "reference.csv")
            write_days(self.stream(), self.folder, first=revealed, last=last - 1)
            self.record["revealed"] = last
            self._keep()
        return dict(self.record)

    def answer(self, kind: str, since: int, feature: str) -> dict[str, Any]:
        """Judge an answer, and keep the verdict."""
        from lifecycle.monitor import Answer, daily_losses, judge_answer

        if self.record["answer"] is not None:
            raise RequestError("an answer was given", where=str(self.folder), remedy="play another seed")
        if not self.record["revealed"]:
            raise RequestError("no day has been revealed", remedy=f"workbench incident --seed {self.seed}")
        if feature and feature not in self.package.features:
            raise RequestError(f"there is no feature `{feature}`", remedy="one of " + ", ".join(self.package.features))
        given: Answer = Answer(int(self.record["revealed"]) - 1, kind, since, feature)
        stream, stakes = self.stream(), stakes_of(self.case)
        losses = daily_losses(stream, self.stream(quiet=True), threshold=self.package.threshold, stakes=stakes)
        found: Outcome = judge_answer(given, stream, losses, stakes=stakes)
        self.record |= {
            "answer": asdict(given), "outcome": asdict(found), "truth": json.loads(stream.incident.to_json()),
            "currency": self.case.currency, "found_by_course": self._found_by_course(stream),
        }  # fmt: skip
        self._keep()
        return dict(self.record)

    def _found_by_course(self, stream: Stream) -> dict[str, Any] | None:
        """What `diagnose` says, on the first day that it says the truth, and of the last day where it never does."""
        from lifecycle.monitor import diagnose, reference_of

        known = reference_of(self.reference(), target=self.case.target, features=self.package.features)
        first = stream.incident.day if stream.incident.kind != "none" else DAYS - 1
        for day in range(first, DAYS):
            found = diagnose(stream, known, day=day)
            if found.kind == stream.incident.kind:
                break
        signs = [asdict(replace(sign, size=round(sign.size, 3), z=round(sign.z, 1))) for sign in found.evidence[:5]]
        return {"kind": found.kind, "day": day, "since": found.since, "words": found.words, "action": found.action,
                "evidence": signs}  # fmt: skip


def stakes_of(case: UseCase) -> Stakes:
    """What things cost in a use case: its two mistakes, and the rest assumed in proportion to a false positive."""
    from lifecycle.monitor import Stakes

    unit = case.cost_false_positive
    return Stakes(unit, case.cost_false_negative, failed_request=unit, late_day=10 * unit, investigation=20 * unit,
                  currency=case.currency)  # fmt: skip


def _told(state: dict[str, Any], folder: Path, seed: int, use_case: str) -> str:
    again = f"workbench incident --seed {seed}" + ("" if use_case == "credit" else f" --use-case {use_case}")
    if state["answer"] is None:
        left = DAYS - state["revealed"]
        return "\n".join([
            f"Days 0 to {state['revealed'] - 1} are in {folder}, a folder a day; reference.csv holds rows from before.",
            "In Python: lifecycle.monitor.read_seen(folder) reads them all.",
            f"more days: {again} --next 5   ({left} are left)",
            f"answer:    {again} --kind KIND --since DAY --feature NAME",
        ])  # fmt: skip
    answer, found, truth, course = state["answer"], state["outcome"], state["truth"], state["found_by_course"]
    parts = ", ".join(f"{name} {found['parts'][name]:g}" for name in ("kind", "feature", "since", "speed"))
    lines = [f"{found['points']:g} of 100 points ({parts})", f"you said:  {_named(answer)}, on day {answer['day']}",
             f"the truth: {_named({**truth, 'since': truth['day'], 'feature': ', '.join(truth['features'])})}"]  # fmt: skip
    if truth["kind"] != "none":
        lines[-1] += f" (strength {truth['strength']:g}{', ' + truth['detail'] if truth['detail'] else ''})"
    if found["days_to_detection"] is not None:
        lines.append(f"time:      {found['days_to_detection']} days from the first day affected to your answer")
    lines.append(f"money:     {found['lost']:,.0f} {state['currency']} lost, of {found['at_stake']:,.0f} had nobody noticed")
    lines += [
        "",
        f"The course's own diagnosis says on day {course['day']}: {course['kind']}. {course['words']}",
        course["action"],
    ]
    lines += ["Its strongest signs:"] + [
        f"  {sign['about']}: {sign['what']}: {sign['size']:.3g}, {sign['z']:.3g} standard errors, since day {sign['since']}"
        for sign in course["evidence"]
    ]
    return "\n".join(lines)


def _named(one: dict[str, Any]) -> str:
    text = str(one["kind"])
    if one["since"] >= 0:
        text += f" since day {one['since']}"
    return text + (f", {one['feature']}" if one["feature"] else "")
