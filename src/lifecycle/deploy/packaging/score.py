"""Score rows with the package that this file lies in. It needs numpy and onnxruntime and nothing else.

    python code/score.py < rows.json > answers.json     rows.json: a list of {"feature": number, ...}
    python code/score.py --golden                       compare with the scores recorded when the package was made

Exit codes: 0 done, 1 a golden score differs, 2 the package or the rows cannot be used (the reason is on standard error).
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # imported where they are used, so that a missing package is reported too
    import numpy as np


class Model:
    """The model of the package in `folder`, after every file was compared with the manifest."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        self.files = verified(folder)
        config = self._read("config.json")
        self.features: list[str] = config["features"]
        self.threshold: float = config["threshold"]
        self.calibration: dict[str, Any] | None = config["calibration"]
        self.fields: list[dict[str, Any]] = self._read("schema.json")["fields"]
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = 1
        graph = self.files["model/model.onnx"]
        self.session = onnxruntime.InferenceSession(graph, settings, providers=["CPUExecutionProvider"])

    def score(self, rows: list[dict[str, float]]) -> list[dict[str, float]]:
        """For each row its calibrated ``probability`` and the ``prediction``, 1 from the threshold on."""
        import numpy as np

        values = np.array([self._checked(number, row) for number, row in enumerate(rows)], dtype="float32")
        values = values.reshape(len(rows), len(self.features))
        scores = self.session.run(["probabilities"], {"inputs": values})[0][:, 1].astype("float64")
        chances = calibrated(scores, self.calibration)
        return [{"prediction": int(chance >= self.threshold), "probability": float(chance)} for chance in chances]

    def golden(self) -> tuple[float, float]:
        """The largest difference from the recorded scores, and the largest that is allowed."""
        import numpy as np

        golden = self._read("golden.json")
        rows = [dict(zip(golden["columns"], row, strict=True)) for row in golden["rows"]]
        found = [answer["probability"] for answer in self.score(rows)]
        return float(np.abs(np.array(found) - golden["scores"]).max()), float(golden["tolerance"])

    def _read(self, name: str) -> Any:
        return json.loads(self.files[name])

    def _checked(self, number: int, row: dict[str, float]) -> list[float]:
        """The row's values in the model's order; ValueError that names the field which cannot be scored."""
        if not isinstance(row, dict):
            raise ValueError(f"row {number}: must be an object of feature to number")
        for name in row:
            if name not in self.features:
                raise ValueError(f"row {number}: `{name}` is not a feature of this model")
        for field in self.fields:
            if fault := fault_of(field, row.get(field["name"])):
                raise ValueError(f"row {number}: `{field['name']}` must {fault}")
        return [float(row[name]) for name in self.features]


def fault_of(field: dict[str, Any], value: object) -> str | None:
    """What a value must be and is not, by the rules that the service has too; None where nothing is wrong."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "be there, and a number"
    if not field["low"] <= value <= field["high"]:  # NaN too
        return f"lie between {field['low']:g} and {field['high']:g}"
    if field["kind"] == "integer" and value % 1:
        return "be a whole number"
    if field["choices"] and value not in field["choices"]:
        return "be one of " + ", ".join(f"{choice:g}" for choice in sorted(field["choices"]))
    return None


def verified(folder: Path) -> dict[str, bytes]:
    """The files that the manifest lists; ValueError where one is not the one that was packed."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    files = {}
    for name, digest in manifest["files"].items():
        data = (folder / name).read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            raise ValueError(f"{name} is not the file that was packed")
        files[name] = data
    return files


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these names; ValueError where one is there twice, since nobody knows which value was meant."""
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"`{next(name for name in names if names.count(name) > 1)}` is named twice")
    return content


def calibrated(scores: np.ndarray[Any, Any], calibration: dict[str, Any] | None) -> np.ndarray[Any, Any]:
    """Scores as chances at the prevalence that the model meets: the odds are multiplied by the ratio of the prior odds."""
    if calibration is None:
        return scores
    trained, actual = calibration["trained"], calibration["actual"]
    positive = scores * (actual / trained)
    chances: np.ndarray[Any, Any] = positive / (positive + (1.0 - scores) * ((1 - actual) / (1 - trained)))
    return chances


def main(arguments: list[str]) -> int:
    """Run the command; see the top of this file."""
    try:
        model = Model(Path(__file__).resolve().parent.parent)
        if arguments == ["--golden"]:
            difference, allowed = model.golden()
            agree = difference <= allowed
            print(f"golden scores agree within {allowed:g}" if agree else f"a golden score is off by {difference:.2g}")  # noqa: T201
            return int(not agree)
        json.dump(model.score(json.load(sys.stdin, object_pairs_hook=unique)), sys.stdout)
        return 0
    except Exception as error:  # whatever it is: a status of 1 would say that a score differs
        print(f"cannot score: {str(error) or type(error).__name__}", file=sys.stderr)  # noqa: T201
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
