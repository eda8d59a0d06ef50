"""One model in other languages: formulas and SQL, ONNX, PMML, PFA, Java. And the question whether it is still the same."""

from __future__ import annotations
