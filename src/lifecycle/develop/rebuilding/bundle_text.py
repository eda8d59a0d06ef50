"""The pages of a bundle that people read: README, Dockerfile, model card, log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lifecycle.develop.rebuilding.agreement import METRIC_TOLERANCE, SCORE_TOLERANCE

if TYPE_CHECKING:
    from lifecycle.develop.training.recipe import Recipe

IMAGES = {
    "3.11": "python:3.11.13-slim-bookworm",
    "3.12": "python:3.12.11-slim-bookworm",
    "3.13": "python:3.13.5-slim-bookworm",
}
"""The base of the image, by the Python of the lock that it installs."""

_SCRIPT = '''"""Rebuild the model of this bundle: python source/rebuild.py --out ../rebuilt [--data FILE_OR_FOLDER]."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True  # nothing may appear among the files that the manifest lists
sys.path.insert(0, str(Path(__file__).resolve().parent))

from lifecycle.develop.rebuilding.retrain import main  # noqa: E402

sys.exit(main(Path(__file__).resolve().parent.parent))
'''

_DOCKERFILE = """# Build: docker build -t rebuild .        Run: docker run --rm --network none -v rebuilt:/rebuilt rebuild
# The tag is pinned to a release. To pin its bytes too, pass the digest that your registry shows:
#   docker build --build-arg BASE=python@sha256:... -t rebuild .
ARG BASE={image}
FROM ${{BASE}}
RUN useradd --create-home --uid 10001 rebuilder && mkdir /rebuilt && chown rebuilder /rebuilt
WORKDIR /bundle
COPY {lock} /tmp/bundle.lock
RUN pip install --no-cache-dir --no-deps --require-hashes -r /tmp/bundle.lock && rm /tmp/bundle.lock
COPY --chown=root:root . /bundle
ENV {variables}
USER rebuilder
ENTRYPOINT ["python", "source/rebuild.py", "--out", "/rebuilt"]
"""


def rebuild_script() -> str:
    """The command in the bundle."""
    return _SCRIPT


def dockerfile(surroundings: Mapping[str, Any], locks: Sequence[str]) -> str:
    """An image with the lock's packages and a user without rights, that rebuilds when it is run."""
    from lifecycle.develop.record.environment import FIXED

    lock, python = _lock(surroundings, locks)
    variables = " ".join(f"{name}={value}" for name, value in FIXED.items())
    return _DOCKERFILE.format(image=IMAGES[python], lock=lock, variables=variables)


def readme(
    recipe: Recipe,
    model: Mapping[str, Any],
    data: Mapping[str, Any],
    surroundings: Mapping[str, Any],
    locks: Sequence[str],
    notes: str,
) -> str:
    """What this is, and the exact steps."""
    where, give = _rows(data)
    option = f" --data {give}" if give else ""
    exact = f" --data ../{give}" if give else ""
    steps = f"put `{data['file']}` into `../{give}`" if give else "nothing to do"
    packed = (", `data.parquet`", "; the rows") if data["included"] else ("", "")
    mount = f' -v "$PWD/../{give}:/data:ro"' if give else ""
    inside = " --data /data" if give else ""
    pythons = ", ".join(f"3.{name[-7:-5]}" for name in locks)
    other = "".join(f"- {name} was {text}\n" for name, text in surroundings["other_than_the_lock"].items())
    made = surroundings["python"]["version"]
    lock, short = _lock(surroundings, locks)
    return f"""# A model that can be made again

{_title(recipe)}{f"  {chr(10)}{notes}" if notes else ""}

| | |
|---|---|
| model | `{model["file"]}`, SHA-256 `{model["sha256"]}` |
| rows | {where}, {data["rows"]:,} used |
| made with | Python {made}; locks for {pythons} |

## Rebuild it

You run the code that is in here. Do that only with a bundle that you trust, or in a container.

1. Unpack it into a folder of its own: `unzip bundle.zip -d bundle && cd bundle`
2. Make an environment beside it, not in it: `python{short} -m venv ../environment`
3. Install exactly what is pinned: `../environment/bin/python -m pip install --no-deps --require-hashes -r {lock}`
4. Get the rows: {steps}
5. Rebuild: `{_variables()} ../environment/bin/python source/rebuild.py --out ../rebuilt{exact}`

The last step verifies every file against `manifest.json`, loads the rows and checks their digest, makes the features,
trains, evaluates, and compares. It prints the digest of the model that came out. Exit code 0: it agrees; 1: it does not;
2: it cannot be rebuilt here, and why. With the course installed, `workbench rebuild BUNDLE{option}` does steps 1 and 5.

In a container: `docker build -t rebuild .`, then `docker run --rm --network none{mount} rebuild{inside}`.

## What counts as the same

| rebuilt with | must be |
|---|---|
| the same lock, the same processor features | equal to the bit |
| the same lock, another processor | scores within {SCORE_TOLERANCE:g}, metrics within {METRIC_TOLERANCE:g} |
| another lock | a new model: evaluate it as one |

Last bits may differ between processors, because numerical libraries choose their code by the processor.
{f"{chr(10)}The environment it was made in was not quite that of the lock:{chr(10)}{chr(10)}{other}" if other else ""}
## What is in here

| file | holds |
|---|---|
| `recipe.json` | target, features, algorithm, all settings, seeds, split |
| `data.json`{packed[0]} | where the rows come from, with digests{packed[1]} |
| `source/` | the code, on its own: nothing else needs to be installed but the lock |
| `locks/` | packages with a hash for each file |
| `environment.json` | what the model was made on |
| `metrics.json` | the evaluation as it was reported |
| `expected.json`, `expected_scores.npy` | metrics and scores of the test rows, to compare with |
| `MODEL_CARD.md`, `LOG.md` | what it is for; who has rebuilt it |
| `manifest.json` | SHA-256 of every other file |

The manifest proves that the files belong together, not who wrote them. To know that, compare the digest of the archive
(`sha256sum bundle.zip`) with one that reached you another way.
"""


def model_card(recipe: Recipe, model: Mapping[str, Any], data: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
    """A model card with what is known filled in; what only a person can know is left open, and says so."""
    where, _ = _rows(data)
    rows = "\n".join(f"| {name} | {_figure(value)} |" for name, value in sorted(expected.items()))
    features = ", ".join(f"`{name}`" for name in recipe.features)
    settings = ", ".join(f"{name} {value:g}" for name, value in sorted(recipe.settings.items()))
    return f"""# Model card

{_title(recipe)} Model `{model["sha256"][:12]}`.

## Made from

- Rows: {where}; {", ".join(f"{count:,} {name}" for name, count in data["parts"].items())}.
- Inputs ({len(recipe.features)}): {features}.
- Algorithm: {recipe.algorithm}; {settings}; rare class: {recipe.balance}; seed {recipe.seed}.

## Performance on the test rows, a row being flagged from {recipe.threshold:g}

| metric | value |
|---|---|
{rows}

Intervals are in `metrics.json` where they were computed.

## To be written by a person

- Intended use, and uses that are out of bounds: **open**
- Who is affected, and how they can object: **open**
- Performance and error rates by protected group: **open**
- Limits of the rows (when, where, who is missing): **open**
- Owner, approval, date of the next review: **open**
"""


def log_page(
    recipe: Recipe,
    model: Mapping[str, Any],
    data: Mapping[str, Any],
    surroundings: Mapping[str, Any],
    expected: Mapping[str, Any],
) -> str:
    """The log's first entry: what was packed. Each rebuild writes an entry of its own beside the bundle."""
    packages = ", ".join(f"{name} {version}" for name, version in surroundings["packages"].items())
    return f"""# Reproduction log

No entry has a date or a name, so that the bundle is the same file whenever it is made. Whoever rebuilds it
keeps the entry that the rebuild writes, with both.

## Packed

- model `{model["sha256"]}` ({model["algorithm"]}), rows `{data["prepared_sha256"]}`
- Python {surroundings["python"]["version"]}; {packages}
- seeds: algorithm {recipe.seed}, rows and split {recipe.source["seed"]}; one thread; hash seed 0
- test rows: {", ".join(f"{name} {_figure(value)}" for name, value in sorted(expected.items()))}
"""


def _title(recipe: Recipe) -> str:
    source = recipe.source
    rows = f"use case `{source['use_case']}`" if "use_case" in source else f"table `{source['file']}`"
    return f"Predicts `{recipe.target}` ({rows}) by {recipe.algorithm}."


def _rows(data: Mapping[str, Any]) -> tuple[str, str]:
    """Where the rows are, in words, and what to pass as ``--data``; empty where nothing is needed."""
    if data["included"]:
        return "`data.parquet` in this bundle", ""
    if not data["file"]:
        return f"generated by the code in here (`{data['name']}`)", ""
    digest = data.get("file_sha256")
    return f"`{data['file']}`, not in here" + (f", SHA-256 `{digest}`" if digest else ""), "datasets"


def _lock(surroundings: Mapping[str, Any], locks: Sequence[str]) -> tuple[str, str]:
    """The lock of the Python that made the model, or the first there is, with that Python's minor version."""
    pythons = {f"3.{name[-7:-5]}": name for name in locks}
    made = ".".join(surroundings["python"]["version"].split(".")[:2])
    python = made if made in pythons else min(pythons)
    return pythons[python], python


def _variables() -> str:
    from lifecycle.develop.record.environment import FIXED

    return " ".join(f"{name}={value}" for name, value in FIXED.items())


def _figure(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.4g}"
