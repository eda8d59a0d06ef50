"""Ten short notebooks on the whole stack: as a course, and as files for other tools."""

from __future__ import annotations

from pathlib import Path

STACK = (
    "numpy", "pandas", "matplotlib.pyplot", "scipy.stats", "sklearn.ensemble", "sklearn.linear_model", "statsmodels.api",
    "xgboost",
)  # fmt: skip
COUNT = 10
WRONG = 3  # the notebook whose stored output is another than what it prints
_CELLS = (
    """
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import statsmodels.api as sm
import xgboost
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
""",
    """
rng = np.random.default_rng({number})
frame = pd.DataFrame(rng.normal(size=(400, 3)), columns=["a", "b", "c"])
label = (frame.a + rng.normal(size=400) > 0).astype(int)
print(f"{{stats.ttest_ind(frame.a[label == 1], frame.a[label == 0]).statistic:.3f}}")
""",
    """
model = LogisticRegression().fit(frame, label)
print(f"{{model.score(frame, label):.3f}} {{sm.OLS(frame.a, frame[['b', 'c']]).fit().rsquared:.4f}}")
""",
)
_CATALOG = """
[[lessons]]
slug = "{number:02}_short"
title = "Short {number}"
stage = "short"
summary = "Something short"
minutes = 1
"""


def cells(number: int) -> list[str]:
    """The code cells of one of them."""
    return [source.format(number=number).strip() for source in _CELLS]


def course(folder: Path) -> Path:
    """Write a course of ten lessons, none of which reads what another writes."""
    (folder / "lessons").mkdir(parents=True)
    table = '[tool.workbench]\ntitle = "Ten short lessons"\ncatalog = "catalog.toml"\nlessons = "lessons"\n'
    (folder / "pyproject.toml").write_text(f'[project]\nname = "short"\nversion = "1"\n\n{table}', encoding="utf-8")
    entries = "".join(_CATALOG.format(number=number) for number in range(COUNT))
    (folder / "catalog.toml").write_text(f'stages = [{{ slug = "short", title = "Short" }}]\n{entries}', encoding="utf-8")
    for number in range(COUNT):
        text = f"# %% [markdown]\n# # Short {number}\n\n# %%\n" + "\n\n# %%\n".join(cells(number)) + "\n"
        (folder / "lessons" / f"{number:02}_short.py").write_text(text, encoding="utf-8")
    return folder


def notebooks(folder: Path) -> Path:
    """Write them as notebooks for nbval: two cells each have a stored output, one of which is wrong."""
    import contextlib
    import io

    import nbformat

    folder.mkdir(parents=True)
    for number in range(COUNT):
        names: dict[str, object] = {}
        book = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
        for source in cells(number):
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(source, names)  # our own, above
            text = said.getvalue() + ("planted\n" if number == WRONG and said.getvalue() and len(book.cells) == 1 else "")
            outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []
            book.cells.append(nbformat.v4.new_code_cell(source, outputs=outputs, execution_count=len(book.cells) + 1))
        nbformat.write(book, folder / f"{number:02}_short.ipynb")
    return folder
