"""The nbval step sees figures as well: one that shows something else fails, one that was drawn again passes."""

from __future__ import annotations

import base64
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
from PIL import Image, ImageDraw

from workbench.regress.nbval_figures import changed

SHOW = "import base64\nfrom IPython.display import Image, display\ndisplay(Image(data=base64.b64decode({!r})))"


def drawn(x: int, *, level: int = 9) -> str:
    """A picture with a bar at `x`, packed at a level of compression."""
    picture = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(picture).rectangle((x, 20, x + 30, 80), fill="navy")
    stream = io.BytesIO()
    picture.save(stream, format="PNG", compress_level=level)
    return base64.b64encode(stream.getvalue()).decode()


def shown(picture: str) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "data": {"image/png": picture, "text/plain": "<IPython.core.display.Image object>"},
        "metadata": {},
    }


def test_what_differs_is_told_a_line_each() -> None:
    words = {"output_type": "stream", "name": "stdout", "text": "drawn\n"}
    stored = [words, shown(drawn(20)), shown(drawn(50))]
    assert changed(stored, [words, shown(drawn(20, level=1)), shown(drawn(50))]) == []
    (line,) = changed(stored, [shown(drawn(20)), shown(drawn(120)), words])
    assert line.startswith("figure 2, around x=")
    assert changed(stored, stored[:2]) == ["1 figures, not 2"]


def test_nbval_fails_at_another_figure_and_at_no_other_rendering(tmp_path: Path) -> None:
    cells = [
        nbformat.v4.new_code_cell(SHOW.format(now), outputs=[nbformat.from_dict(shown(drawn(20)))], execution_count=count)
        for count, now in enumerate((drawn(20, level=1), drawn(120)), start=1)
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "drawing.ipynb")
    plugins = ["-p", "nbval.plugin", "-p", "workbench.regress.nbval_figures"]
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", ".", *plugins, "--nbval", "drawing.ipynb"]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
    assert "1 failed, 1 passed" in done.stdout
    assert "figure 1, around x=" in done.stdout
    assert "::Cell 1" in done.stdout
