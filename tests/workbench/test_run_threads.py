"""Lessons that run side by side divide the processors of this machine, in warm kernels too."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from workbench.course import Course
from workbench.run import run
from workbench.warm import client

# What the libraries really use, not only what the variables say: they read these when they are loaded, in the zygote.
FIRST = "# %%\nprint('a cold kernel')\n"  # the libraries are imported meanwhile
LESSON = """# %%
import json, os
from pathlib import Path
import sklearn.utils._openmp_helpers
from threadpoolctl import threadpool_info
threads = {info["user_api"]: info["num_threads"] for info in threadpool_info()}
variables = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
parent = Path(f"/proc/{os.getppid()}/cmdline").read_text().split(chr(0))
path = Path(os.environ["WORKBENCH_RUN"]) / "artifacts" / "NAME"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps([threads, variables, parent]))
"""


@pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())
def test_two_jobs_have_half_the_threads_each_in_forked_kernels(tmp_path: Path) -> None:
    (tmp_path / "lessons").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.workbench]\n", encoding="utf-8")
    catalog = 'stages = [{ slug = "s", title = "Stage" }]\n'
    for number, slug in enumerate(("00_a", "01_b", "02_c")):
        name = f"0{number}/threads.json"
        writes = f'outputs = ["{name}"]\n' if number else ""
        catalog += f'[[lessons]]\nslug = "{slug}"\ntitle = "T"\nstage = "s"\n{writes}'
        text = LESSON.replace("NAME", name) if number else FIRST
        (tmp_path / "lessons" / f"{slug}.py").write_text(text, encoding="utf-8")
    (tmp_path / "catalog.toml").write_text(catalog, encoding="utf-8")

    report = run(Course.find(tmp_path), jobs=2)

    assert report.ok, [lesson.reason for lesson in report.lessons]
    half = max(1, (os.cpu_count() or 1) // 2)
    for lesson in report.lessons[1:]:
        (name,) = lesson.artifacts
        threads, variables, parent = json.loads((report.folder / "artifacts" / name).read_text(encoding="utf-8"))
        assert threads == {"blas": half, "openmp": half}
        assert set(variables.values()) == {str(half)}
        assert client.ZYGOTE in parent
