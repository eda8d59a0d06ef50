"""The same training script and the same pickles under three releases of scikit-learn.

Makes two small environments on first use (about 200 MB each, in runs/peers) and compares them with the one it runs in.
`--write` renews the record that lesson 07 reads: src/lifecycle/deploy/formats/version_record.json. That needs Python 3.11,
the last that the oldest of the three has wheels for.

figure pickles_refused   pairs of releases in which a pickle of the one cannot be used by the other
figure probability_gap   largest difference of a probability between models trained by one script under two releases
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from _measure import Figure, main
from _peers import ROOT, environment

RECORD = ROOT / "src/lifecycle/deploy/formats/version_record.json"
OTHERS = {
    "1.2.2": ("scikit-learn==1.2.2", "numpy==1.26.4", "scipy==1.11.4"),
    "1.5.2": ("scikit-learn==1.5.2", "numpy==2.1.3", "scipy==1.14.1"),
}
TRAIN = """
import json, pickle, sys, warnings
import numpy as np, sklearn
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
warnings.simplefilter("ignore")
numbers = np.random.RandomState(7)  # this generator's numbers are fixed for good
x = numbers.normal(size=(1500, 8)).round(3)
y = (x[:, 0] + x[:, 1] * x[:, 2] + numbers.normal(size=1500) > 0.4).astype(int)
MODELS = {
    "LogisticRegression()": LogisticRegression(),
    "RandomForestClassifier(random_state=0)": RandomForestClassifier(random_state=0),
    "GradientBoostingClassifier(random_state=0)": GradientBoostingClassifier(random_state=0),
    "HistGradientBoostingClassifier(random_state=0)": HistGradientBoostingClassifier(random_state=0),
    "SVC(probability=True, random_state=0)": SVC(probability=True, random_state=0),
    "MLPClassifier(random_state=0)": MLPClassifier(random_state=0),
}
chances = {}
for name, model in MODELS.items():
    model.fit(x[:1000], y[:1000])
    chances[name] = model.predict_proba(x[1000:])[:, 1].tolist()
    with open(f"{sys.argv[1]}/{name.split('(')[0]}.pkl", "wb") as stream:
        pickle.dump(model, stream)
json.dump({"versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__}, "chances": chances}, sys.stdout)
"""
LOAD = """
import json, pickle, sys, warnings
from pathlib import Path
import numpy as np
numbers = np.random.RandomState(7)
x = numbers.normal(size=(1500, 8)).round(3)
said = {}
for file in sorted(Path(sys.argv[1]).glob("*.pkl")):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            model = pickle.loads(file.read_bytes())
            chances = model.predict_proba(x[1000:])[:, 1].tolist()
            said[file.stem] = {"chances": chances, "warnings": sorted({type(each.message).__name__ for each in caught})}
        except Exception as error:
            said[file.stem] = {"error": f"{type(error).__name__}: {str(error).splitlines()[0][:90]}"}
json.dump(said, sys.stdout)
"""


def measure(_quick: bool) -> list[Figure]:
    """Train and load under each release; writes the record when asked to."""
    pythons = {release: environment(f"sklearn-{release}", *packages) / "python" for release, packages in OTHERS.items()}
    here = _run(Path(sys.executable), "import sklearn, sys; sys.stdout.write('\"' + sklearn.__version__ + '\"')")
    pythons[here] = Path(sys.executable)
    with tempfile.TemporaryDirectory() as folder:
        record = compare(pythons, Path(folder))
    if WRITE:
        RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    for row in record["trained"] + record["loaded"]:
        print(row, file=sys.stderr)
    refused = {(row["saved"], row["loaded"]) for row in record["loaded"] if "error" in row}
    gap = max(row["largest"] for row in record["trained"])
    return [Figure("pickles_refused", len(refused), "pairs", ">=", 1), Figure("probability_gap", gap, "", ">=", 0.01)]


def compare(pythons: dict[str, Path], folder: Path) -> dict[str, Any]:
    """Every release against the newest (trained alike), and every pickle under every other release."""
    trained = {}
    for release, python in pythons.items():
        (folder / release).mkdir()
        trained[release] = _run(python, TRAIN, str(folder / release))
    newest = list(pythons)[-1]
    record: dict[str, Any] = {
        "command": "python benchmarks/versions.py --write",
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "environments": {release: said["versions"] for release, said in trained.items()},
        "trained": [],
        "loaded": [],
    }
    for release in [each for each in pythons if each != newest]:
        for name, chances in trained[release]["chances"].items():
            record["trained"].append(
                {"model": name, "one": release, "other": newest} | _gap(chances, trained[newest]["chances"][name])
            )
    for saved in pythons:
        for loaded in [each for each in pythons if each != saved]:
            for stem, said in _run(pythons[loaded], LOAD, str(folder / saved)).items():
                name = next(each for each in trained[saved]["chances"] if each.startswith(f"{stem}("))
                row = {"model": stem, "saved": saved, "loaded": loaded}
                found = (
                    {"error": said["error"]}
                    if "error" in said
                    else _gap(said["chances"], trained[saved]["chances"][name]) | {"warnings": said["warnings"]}
                )
                record["loaded"].append(row | found)
    return record


def _gap(one: list[float], other: list[float]) -> dict[str, Any]:
    """How far two lists of chances are apart, where most, and how many decisions at 0.5 differ."""
    gaps = [abs(a - b) for a, b in zip(one, other, strict=True)]
    at = gaps.index(max(gaps))
    flips = sum((a >= 0.5) != (b >= 0.5) for a, b in zip(one, other, strict=True))
    return {
        "rows": len(one),
        "largest": float(f"{max(gaps):.3g}"),
        "pair": [round(one[at], 4), round(other[at], 4)],
        "flips": flips,
    }


def _run(python: Path, code: str, *arguments: str) -> Any:
    done = subprocess.run([python, "-c", code, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{python}: {done.stderr[-800:]}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    WRITE = "--write" in sys.argv
    sys.argv = [each for each in sys.argv if each != "--write"]
    main(measure, about=__doc__)
