"""What one process of a zygote has done is not seen by the next: that one finds what a cold process finds."""

from __future__ import annotations

import json
import os
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
    "numpy",
    "numpy.random",
    "pandas",
    "matplotlib.pyplot",
    "scipy.stats",
    "sklearn",
    "uuid",
    "multiprocessing",
    "tempfile",
]

# What a notebook may look at that another might have changed. Each is an expression; numbers of processes and places in
# memory stay out, and so do the variables that scikit-learn sets as it is imported: a child has those that it was given.
FACTS = {
    "state of random": "hash(random.getstate()) == first_state",
    "rcParams": "sorted((name, str(value)) for name, value in matplotlib.rcParams.items())",
    "figures": "plt.get_fignums()",
    "style": "plt.get_backend(), matplotlib.rcParams['axes.prop_cycle'].by_key()",
    "options of pandas": "[pandas.get_option(f'display.{name}') for name in ('max_rows', 'precision', 'width')]",
    "printing of numpy": "numpy.get_printoptions(), numpy.geterr()",
    "settings of scikit-learn": "sklearn.get_config()",
    "environment": "sorted(item for item in os.environ.items() if not item[0].startswith('KMP_'))",
    "folder": "os.getcwd(), oct(os.umask(0o22))",
    "warnings": "[str(one) for one in warnings.filters], [str(warnings.showwarning)[:20]]",
    "warned about": "[key for key in globals().get('__warningregistry__', ()) if isinstance(key, tuple)]",
    "temporary files": "tempfile.gettempdir(), tempfile.tempdir, os.listdir('.')",
    "sys.path": "sys.path, sys.argv",
    "modules": "'left' in sys.modules, hasattr(json, 'left'), hasattr(builtins, 'left')",
    "locale": "locale.setlocale(locale.LC_ALL), time.tzname",
    "signals": "[str(signal.getsignal(number))[:30] for number in signal.valid_signals()]",
    "blocked signals": "sorted(signal.pthread_sigmask(signal.SIG_BLOCK, []))",
    "alarm": "signal.getitimer(signal.ITIMER_REAL)",
    "logging": "logging.root.level, [str(one)[:20] for one in logging.root.handlers], logging.root.manager.disable",
    "loggers": "[logging.getLogger(name).level for name in ('matplotlib', 'left')], logging.getLevelName(25)",
    "hooks": "sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__, len(sys.meta_path)",
    "limits": "sys.getrecursionlimit(), sys.getswitchinterval(), gc.get_threshold(), gc.isenabled()",
    "resources": "resource.getrlimit(resource.RLIMIT_NOFILE), os.getpriority(os.PRIO_PROCESS, 0)",
    "decimals": "str(decimal.getcontext())",
    "streams": "sys.stdout.encoding, sys.stdout is sys.__stdout__",
    "descriptors": "[number for number in range(3, 12) if os.path.exists(f'/proc/self/fd/{number}')] == left_open",
    "threads": "len(threading.enumerate()), len(os.listdir('/proc/self/task')) - blas_threads",
    "sockets": "socket.getdefaulttimeout()",
    "start method": "multiprocessing.get_start_method(allow_none=True), multiprocessing.active_children()",
    "text": "str(getattr(json.JSONEncoder, 'sort_keys', 0)), csv.list_dialects(), mimetypes.guess_type('a.left')",
}
LOOK = "print(json.JSONEncoder().encode({name: str(eval(look)) for name, look in FACTS.items()}), file=sys.__stdout__)\n"
PROBE = f"""
import builtins, csv, decimal, gc, json, locale, logging, mimetypes, multiprocessing, os, random, resource, signal, socket
import sys, tempfile, threading, time, uuid, warnings
import matplotlib, matplotlib.pyplot as plt, numpy, pandas, scipy.stats, sklearn
from threadpoolctl import threadpool_info

first_state = hash(random.getstate())
left_open = [number for number in range(3, 12) if os.path.exists(f"/proc/self/fd/{{number}}")]
blas_threads = len(os.listdir("/proc/self/task"))
FACTS = {FACTS!r}
{LOOK}"""
MESS = """
warnings.warn("left")
random.seed(1); numpy.random.seed(1)
matplotlib.rcParams["lines.linewidth"] = 9; plt.style.use("ggplot"); plt.figure(); matplotlib.use("svg")
pandas.set_option("display.max_rows", 3); numpy.set_printoptions(precision=1); numpy.seterr(all="raise")
sklearn.set_config(transform_output="pandas")
os.environ["WORKBENCH_LEFT"] = "x"; os.putenv("HOME", "/left"); os.chdir("/"); os.umask(0o77)
warnings.simplefilter("error"); warnings.filterwarnings("ignore", "left"); warnings.showwarning = print
tempfile.tempdir = "/var"; sys.path.insert(0, "/left"); sys.argv.append("left")
sys.modules["left"] = json; json.left = builtins.left = 1
locale.setlocale(locale.LC_ALL, "C"); os.environ["TZ"] = "Asia/Tokyo"; time.tzset()
signal.signal(signal.SIGUSR1, signal.SIG_IGN); signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
signal.setitimer(signal.ITIMER_REAL, 500)
logging.basicConfig(level=5); logging.disable(40)
logging.getLogger("matplotlib").setLevel(50); logging.addLevelName(25, "LEFT")
sys.excepthook = sys.displayhook = print; sys.meta_path.append(object())
sys.setrecursionlimit(5000); sys.setswitchinterval(1); gc.disable(); gc.set_threshold(1, 1, 1)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1])); os.nice(1)
decimal.getcontext().prec = 3; socket.setdefaulttimeout(3); multiprocessing.set_start_method("spawn")
sys.stdout = open(os.devnull, "w")
csv.register_dialect("left"); mimetypes.add_type("left/left", ".left"); json.JSONEncoder.sort_keys = 1
kept = [open("/dev/null") for _ in range(9)]
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
"""
DRAWS = """
import json, multiprocessing, numpy, os, random, scipy.stats, sys, tempfile, uuid
print(json.dumps([
    numpy.random.random(), numpy.random.default_rng().random(), random.random(), scipy.stats.norm.rvs(), str(uuid.uuid1()),
    str(uuid.uuid4()), tempfile.mktemp(), multiprocessing.current_process().authkey.hex(), os.getpid(),
    numpy.random.SeedSequence().entropy, str(random.SystemRandom().random()), next(tempfile._get_candidate_names()),
]))
"""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(STACK, hash_seed="0") as one:
        yield warmed.ready(one)


def run(zygote: Zygote | None, folder: Path, source: str) -> Any:
    """What a process says that runs `source`, a line of JSON each."""
    (folder / "probe.py").write_text(source, encoding="utf-8")
    done = process.run(
        [sys.executable, "-m", "probe"],
        environment={**os.environ, "PYTHONHASHSEED": "0"},
        folder=folder,
        seconds=600,
        sockets=client.paths([zygote]),
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_process_leaves_nothing_to_the_next(zygote: Zygote, tmp_path: Path) -> None:
    before, changed = run(zygote, tmp_path, PROBE + MESS + LOOK)
    (after,) = run(zygote, tmp_path, PROBE)
    (cold,) = run(None, tmp_path, PROBE)
    assert [name for name in FACTS if changed[name] == before[name]] == []
    assert {name: (after[name], cold[name]) for name in FACTS if after[name] != cold[name]} == {}
    assert after == before


def test_no_two_processes_draw_the_same(zygote: Zygote, tmp_path: Path) -> None:
    drawn = [run(zygote, tmp_path, DRAWS)[0] for _ in range(3)]
    for values in zip(*drawn, strict=True):
        assert len(set(values)) == 3, values


def test_the_same_seed_draws_the_same_as_in_a_cold_process(zygote: Zygote, tmp_path: Path) -> None:
    source = "import json, numpy, random\nrandom.seed(7)\nnumpy.random.seed(7)\n"
    source += "print(json.dumps([random.random(), numpy.random.random(), numpy.random.default_rng(7).random(), hash('a')]))"
    assert run(zygote, tmp_path, source) == run(None, tmp_path, source)


def test_the_zygote_itself_has_one_thread_and_no_child_of_its_own(zygote: Zygote, tmp_path: Path) -> None:
    run(zygote, tmp_path, PROBE + MESS)
    pid = zygote.process.pid
    assert [task.name for task in Path(f"/proc/{pid}/task").iterdir()] == [str(pid)]
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    assert status["SigBlk"].strip("\t0") == ""
    assert Path(f"/proc/{pid}/environ").read_bytes().count(b"WORKBENCH_LEFT") == 0
