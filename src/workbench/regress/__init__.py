"""Regression of stored outputs: what a notebook printed when it was built against what it prints now.

A notebook's outputs are compared in the form a person reads them. Numbers may lie within a tolerance, while the words
around them are exact; a table names the row and column that changed, whether it is HTML or aligned text; a figure is
compared by its picture. A stream is one text, however it was cut into pieces. Cells tagged ``nbval-ignore-output`` are
executed and not compared, as with nbval, which stays the strict gate: this is the tool that shows why it fails.

`compare` is a pure function of two notebooks. `check_notebooks` executes stored ones again and compares; `accept` writes new
outputs into the stored file.
"""

from __future__ import annotations

from workbench.regress.acceptance import accept
from workbench.regress.difference import Difference
from workbench.regress.figure import Threshold
from workbench.regress.notebook import compare
from workbench.regress.rerun import Checked, RegressionError, check_notebooks

__all__ = ["Checked", "Difference", "RegressionError", "Threshold", "accept", "check_notebooks", "compare"]
