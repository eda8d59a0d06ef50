from __future__ import annotations

import getpass
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from lifecycle.develop.record.environment import arithmetic, cpu_features, environment, portable, versions

PROBE = """
import json
from lifecycle.develop.record.environment import environment
print(json.dumps(environment(["numpy"])))
"""


def elsewhere(**variables):
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONHASHSEED", "NPY_DISABLE_CPU_FEATURES")}
    done = subprocess.run(
        [sys.executable, "-c", PROBE], env={**clean, **variables}, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_it_tells_python_packages_and_system():
    found = environment(["numpy", "no-such-package"])
    assert found["python"]["version"] == platform.python_version()
    assert found["packages"] == {"numpy": version("numpy")}
    assert found["system"]["name"] == platform.system()


def test_it_holds_nothing_personal():
    text = json.dumps(environment())
    assert platform.node() not in text or platform.node() in ("", "localhost")
    assert str(Path.home()) not in text
    assert sys.prefix not in text
    assert f'"{getpass.getuser()}"' not in text


def test_the_portable_part_is_the_minor_version_and_the_packages():
    found = environment(["numpy"])
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert portable(found) == {
        "python": {"version": minor, "implementation": platform.python_implementation()},
        "packages": found["packages"],
    }


@pytest.mark.parametrize(
    ("given", "shown"), [({}, "random"), ({"PYTHONHASHSEED": "0"}, "0"), ({"PYTHONHASHSEED": "17"}, "17")]
)
def test_the_salt_of_hashes_is_told(given, shown):
    assert elsewhere(**given)["hash_seed"] == shown


def test_threads_are_told():
    assert elsewhere(OPENBLAS_NUM_THREADS="1")["threads"].get("openblas", 1) == 1


def test_arithmetic_is_the_same_each_time_and_in_each_process():
    assert arithmetic() == arithmetic()
    variables = {name: os.environ[name] for name in ("OPENBLAS_CORETYPE",) if name in os.environ}
    assert elsewhere(**variables)["cpu"]["arithmetic"] == arithmetic()


def test_arithmetic_tells_apart_what_another_processor_would_compute():
    features = cpu_features()
    if "X86_V3" not in features:
        pytest.skip("no x86 processor with vector instructions that numpy could do without")
    other = elsewhere(NPY_DISABLE_CPU_FEATURES=" ".join(features))
    assert other["cpu"]["features"] == []
    assert other["cpu"]["arithmetic"] != arithmetic()


def test_versions_are_those_installed():
    assert versions(["pandas", "numpy"]) == {"numpy": version("numpy"), "pandas": version("pandas")}
