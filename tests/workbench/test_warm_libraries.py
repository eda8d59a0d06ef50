"""Libraries with threads, processes and programs of their own work after the fork, and answer as in a cold process.

Each has a process of one zygote to itself, and uses as many threads as there are; a cold process goes through all of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import warmed
from workbench.warm import client, process
from workbench.warm.owned import Zygote

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())

STACK = [
    "numpy", "pandas", "scipy.linalg", "sklearn.ensemble", "sklearn.linear_model", "xgboost", "joblib", "prophet",
    "pyarrow.parquet", "duckdb", "multiprocessing.pool", "concurrent.futures.process",
]  # fmt: skip
THREADS = "2"
SECONDS = 600  # where it hangs, it does so for good
DATA = """
import numpy as np
rng = np.random.default_rng(0)
x = rng.normal(size=(3000, 8))
y = (x[:, 0] + x[:, 1] ** 2 + rng.normal(size=3000) > 1).astype(int)
"""
SOURCES = {
    "blas": DATA + "import scipy.linalg\n"
    "answer = float(np.linalg.norm(x @ x.T)), scipy.linalg.eigh(x.T @ x)[0].tolist(), np.linalg.svd(x, False)[1].tolist()",
    "xgboost": DATA + "import xgboost\nmodel = xgboost.XGBClassifier(n_estimators=20, n_jobs=2).fit(x, y)\n"
    "answer = model.predict_proba(x)[:50, 1].tolist()",
    "hist gradient boosting": DATA + "from sklearn.ensemble import HistGradientBoostingClassifier as Model\n"
    "answer = Model(max_iter=20).fit(x, y).predict_proba(x)[:50, 1].tolist()",
    "forest in threads": DATA + "from sklearn.ensemble import RandomForestClassifier as Model\n"
    "answer = Model(20, n_jobs=2, random_state=0).fit(x, y).predict_proba(x)[:50, 1].tolist()",
    "joblib with loky": "import os\nfrom joblib import Parallel, delayed\ndef job(n):\n    return n * n, os.getpid()\n"
    "done = Parallel(n_jobs=2, backend='loky')(delayed(job)(n) for n in range(6))\n"
    "answer = [square for square, _ in done], os.getpid() in {pid for _, pid in done}",
    "a pool of forked processes": DATA + "import multiprocessing\nbefore = float((x @ x.T).sum())\n"
    "with multiprocessing.get_context('fork').Pool(2) as pool:\n    answer = before, pool.map(abs, range(-5, 0))",
    "a pool of spawned processes": "import multiprocessing, operator\n"
    "with multiprocessing.get_context('spawn').Pool(2) as pool:\n    answer = pool.map(operator.neg, range(5))",
    "a pool of a fork server": "import concurrent.futures, multiprocessing, operator\n"
    "with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context('forkserver')) as pool:\n"
    "    answer = list(pool.map(operator.neg, range(5)))",
    "prophet's program": "import logging\nlogging.getLogger('cmdstanpy').setLevel(50)\nimport pandas as pd\n"
    "from prophet import Prophet\ndays = pd.date_range('2024-01-01', periods=60)\n"
    "frame = pd.DataFrame({'ds': days, 'y': [float(day % 7) for day in range(60)]})\n"
    "model = Prophet(yearly_seasonality=False, uncertainty_samples=0).fit(frame, seed=1)\n"
    "answer = [round(value, 6) for value in model.predict(frame)['yhat'][:10]]",
    "arrow and duckdb": DATA + "import duckdb, io, pyarrow as pa, pyarrow.parquet as pq\n"
    "file = io.BytesIO()\npq.write_table(pa.table({'x': x[:, 0], 'y': y}), file)\nfile.seek(0)\n"
    "frame = pq.read_table(file, use_threads=True).to_pandas()\n"
    "answer = duckdb.sql('select y, count(*), round(sum(x), 9) from frame group by y order by y').fetchall()",
}
PROBE = """
import json, sys
SOURCES = {sources!r}
if __name__ == "__main__":
    found = {{}}
    for name in sys.argv[1:]:
        scope = {{"__name__": "__main__"}}
        exec(SOURCES[name], scope)
        found[name] = scope["answer"]
    print(json.dumps(found))
"""
POOLS = """
import json
import numpy, scipy.linalg, sklearn.ensemble, xgboost
from threadpoolctl import threadpool_info
print(json.dumps(sorted({(one["internal_api"], one["num_threads"]) for one in threadpool_info()})))
"""


def variables() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": THREADS, "PYTHONHASHSEED": "0"}


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(STACK, environment=variables(), hash_seed="0") as one:
        yield warmed.ready(one)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("probe")
    (folder / "probe.py").write_text(PROBE.format(sources=SOURCES), encoding="utf-8")
    (folder / "pools.py").write_text(POOLS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def cold(place: Path) -> Any:
    """What a cold process answers, by the name of the library."""
    command = [sys.executable, "-m", "probe", *SOURCES]
    done = subprocess.run(command, cwd=place, env=variables(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run(zygote: Zygote, place: Path, *words: str) -> Any:
    command = [sys.executable, "-m", *words]
    done = process.run(command, environment=variables(), folder=place, seconds=SECONDS, sockets=[zygote.path])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_zygote_has_imported_all_and_started_nothing(zygote: Zygote, place: Path) -> None:
    assert run(zygote, place, "pools") == [["openblas", int(THREADS)], ["openmp", int(THREADS)]]
    pid = zygote.process.pid
    assert [task.name for task in Path(f"/proc/{pid}/task").iterdir()] == [str(pid)]
    maps = Path(f"/proc/{pid}/maps").read_text()
    assert [name for name in ("openblas", "libgomp", "libxgboost", "libarrow", "duckdb") if name not in maps] == []


@pytest.mark.parametrize("name", SOURCES)
def test_it_computes_after_the_fork_what_it_does_in_a_cold_process(
    zygote: Zygote, place: Path, cold: Any, name: str
) -> None:
    assert run(zygote, place, "probe", name) == {name: cold[name]}


def test_nothing_of_it_is_left(zygote: Zygote, place: Path) -> None:
    pid = zygote.process.pid
    assert Path(f"/proc/{pid}/task/{pid}/children").read_text() == ""
    assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1
