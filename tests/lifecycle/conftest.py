"""A small package that was really built, for the tests of whatever takes one."""

import pytest


@pytest.fixture(scope="session")
def small_package_file(tmp_path_factory):
    """A package of eight trees on five inputs of several kinds: an amount, a code, a flag, a share, a plain number."""
    import numpy as np
    import pandas as pd
    from xgboost import XGBClassifier

    from lifecycle.deploy import build_package, schema_of

    random = np.random.default_rng(7)
    rows = pd.DataFrame(
        {
            "amount": random.gamma(2, 3000, 800).round(2),
            "late": random.integers(-2, 9, 800).astype(float),
            "online": random.integers(0, 2, 800).astype(float),
            "share": random.uniform(size=800).round(4),
            "change": random.normal(size=800).round(4),
        }
    )
    rows.loc[:1, "share"] = [0.0, 1.0]
    chances = 1 / (1 + np.exp(2 - 0.4 * rows["late"] - rows["online"] + rows["change"]))
    model = XGBClassifier(n_estimators=8, max_depth=3, n_jobs=1).fit(rows, (random.uniform(size=800) < chances).astype(int))
    fields = schema_of(rows, meanings={"late": "months behind with the rent", "amount": "income"}, units={"amount": "EUR"})
    place = tmp_path_factory.mktemp("package") / "small.zip"
    build_package(
        place, name="small", version="1.2.0", model=model, fields=fields, threshold=0.3,
        calibration={"method": "prior", "trained": 0.5, "actual": 0.3}, metrics={}, rows=rows, settings={"max_depth": 3},
        use_case="credit",
    )  # fmt: skip
    return place


@pytest.fixture(scope="session")
def small_package(small_package_file):
    """The same, opened."""
    from lifecycle.deploy import open_package

    return open_package(small_package_file)
