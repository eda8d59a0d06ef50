"""What a model is made on: Python, packages, system, processor, threads, and what fixes draws and orders.

Nothing of who runs it or where is taken down: no user, no machine's name, no path, no variable but those listed.
"""

from __future__ import annotations

import math
import os
import platform
import struct
import sys
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

PACKAGES = (
    "imbalanced-learn", "joblib", "numpy", "pandas", "pandera", "pyarrow", "scikit-learn", "scipy", "skops",
    "threadpoolctl", "xgboost", "xgboost-cpu",
)  # fmt: skip
"""What decides a model of this package."""

VARIABLES = (
    "PYTHONHASHSEED", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_CORETYPE",
    "NPY_DISABLE_CPU_FEATURES",
)  # fmt: skip
"""Variables that change what is computed."""

FIXED = {
    "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}  # fmt: skip
"""What `lifecycle.develop.rebuild` sets: no salt in the order of sets, no sum shared between threads."""


def environment(packages: Iterable[str] = PACKAGES) -> dict[str, Any]:
    """Take down the environment of this process.

    Parameters
    ----------
    packages : iterable of str
        Names of distributions; those that are not installed are left out.

    Returns
    -------
    dict
        ``python`` (version, implementation), ``packages`` (version by name), ``system`` (name, processor family, C
        library), ``cpu`` (``features`` that numpy found; ``arithmetic``, see `arithmetic`), ``threads`` (how many each
        library would use), ``variables`` (those of `VARIABLES` that are set) and ``hash_seed``. Ready for JSON.
    """
    return {
        "python": {"version": platform.python_version(), "implementation": platform.python_implementation()},
        "packages": versions(packages),
        "system": {"name": platform.system(), "machine": platform.machine(), "libc": " ".join(platform.libc_ver()).strip()},
        "cpu": {"features": cpu_features(), "arithmetic": arithmetic()},
        "threads": threads(),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
        "hash_seed": hash_seed(),
    }


def portable(found: Mapping[str, Any]) -> dict[str, Any]:
    """What of `environment` is the same on every machine that installed the same lock: Python's minor version, packages."""
    python = found["python"]
    minor = ".".join(python["version"].split(".")[:2])
    return {"python": {"version": minor, "implementation": python["implementation"]}, "packages": dict(found["packages"])}


def versions(packages: Iterable[str] = PACKAGES) -> dict[str, str]:
    """The versions of those of `packages` that are installed, by name."""
    from importlib import metadata

    found = {}
    for name in sorted(set(packages)):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def hash_seed() -> str:
    """What orders sets of texts: a number, ``0`` for none, or ``random`` where each process salts anew."""
    if not sys.flags.hash_randomization:
        return "0"
    given = os.environ.get("PYTHONHASHSEED", "")
    return given if given.isdigit() else "random"


def threads() -> dict[str, int]:
    """How many threads each numerical library that is loaded would use, by the library's kind (``openblas``, ``openmp``)."""
    from threadpoolctl import threadpool_info

    return {each["internal_api"]: int(each["num_threads"]) for each in threadpool_info()}


def cpu_features() -> list[str]:
    """The instruction sets that numpy chose its code by, beyond what it always needs.

    numpy and the linear algebra library have several versions of the same function, and take the one that suits the
    processor. They round differently, so these features are part of the environment.
    """
    import numpy as np

    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    return sorted(str(each) for each in simd.get("found", []))


def arithmetic() -> str:
    """SHA-256 of the results of some sums whose last bits depend on the processor and the libraries.

    Names of features say what *may* differ; this asks. Two machines that give the same value round alike in what was tried:
    exponentials and logarithms of numpy and of the C library, sums, and matrix products, in double and single precision.
    That is evidence and not proof, since not every function can be tried on every number.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    draws = np.random.default_rng(0)
    values = draws.uniform(0.001, 30, 4_096)
    square = draws.normal(size=(96, 96))
    made = sha256()
    with threadpool_limits(limits=1):
        for kind in ("float64", "float32"):
            x, m = values.astype(kind), square.astype(kind)
            for result in (np.log(x), np.log1p(x), np.exp(-x), np.sqrt(x), np.tanh(x), np.power(x, 1.7), m @ m, m @ m[0]):
                made.update(result.tobytes())
            made.update(np.array([x.sum(), x.mean(), x.std(), m[0] @ m[1]], dtype=kind).tobytes())
        made.update(np.linalg.solve(square, square[0]).tobytes())
    for value in values.tolist()[:1_024]:
        made.update(struct.pack("<4d", math.log(value), math.log1p(value), math.exp(-value), value**1.7))
    return made.hexdigest()
