"""One pipeline for many tenants: quarantine, resume, executors, and who declines."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from lifecycle.cases import (
    LIVE,
    CaseError,
    Column,
    Setting,
    TableSource,
    alarm_quality,
    bonferroni_level,
    decline_p,
    draw_tenants,
    expected_false_alarms,
    map_table,
    train_tenants,
    watch_tenants,
)

TWO = (Setting(0), Setting(5))


@pytest.fixture(scope="module")
def firms():
    """Eight small firms; two of them broken."""
    return draw_tenants(8, seed=7, interactions=400, broken=0.4, turning=0.2)


@pytest.fixture(scope="module")
def report(firms):
    return train_tenants(firms, at=LIVE, settings=TWO)


def test_broken_tenants_are_set_aside_with_a_reason_and_stop_nobody(firms, report):
    broken = {firm.name for firm in firms if firm.fault}
    assert 0 < len(broken) < len(firms)
    assert set(report.quarantined) == broken
    assert all(report.quarantined.values())
    assert {result.name for result in report.trained} == {firm.name for firm in firms} - broken


@pytest.mark.parametrize(
    ("fault", "words"),
    [("renamed column", "product"), ("other dates", "day"), ("delivered twice", "repeat"), ("no rows", "no rows"),
     ("one product", "same product")],
)  # fmt: skip
def test_each_planted_fault_is_named(fault, words):
    firm = replace(draw_tenants(1, seed=1, interactions=200, broken=0)[0], fault=fault)
    assert words in train_tenants([firm], at=LIVE).quarantined[firm.name]


def test_the_same_report_whoever_computes_it(firms, report):
    with ThreadPoolExecutor(2) as pool:
        assert train_tenants(firms, pool, at=LIVE, settings=TWO) == report


@pytest.mark.parametrize("seed", [2, 3, 10, 11, 45, 55])
def test_sixteen_firms_have_one_that_breaks_one_that_turns_and_one_that_brews(seed):
    drawn = draw_tenants(16, seed=seed)
    assert any(firm.fault for firm in drawn)
    assert any(firm.turns for firm in drawn)
    assert any(firm.industry == "brewing" and not firm.fault for firm in drawn)
    assert draw_tenants(20, seed=seed)[:16] == drawn == draw_tenants(5, seed=seed) + drawn[5:]


def test_an_export_that_nobody_foresaw_stops_no_other_tenant(firms, report, tmp_path):
    class Odd(Given):
        def read(self, until):
            raise AttributeError("of something")

    place = tmp_path / "export.csv"
    place.write_text("c,d\n1,2025-01-01\n")
    bare = TableSource("bare", str(place), {"customer": Column("c")})
    healthy = next(f for f in firms if f.name == report.trained[0].name)
    seen = train_tenants([Odd(pd.DataFrame(), name="odd"), bare, healthy], at=LIVE, settings=TWO)
    assert seen.quarantined["odd"] == "AttributeError: of something"
    assert "`product` (mapped to nothing)" in seen.quarantined["bare"]
    assert seen[healthy.name] == report[healthy.name]
    assert list(train_tenants([], at=LIVE).table()) == list(report.table())
    with pytest.raises(CaseError, match="no name for a file"):
        train_tenants([Given(pd.DataFrame(), name="")], at=LIVE)


@dataclass(frozen=True)
class Given:
    """A tenant whose table is at hand, in the universal schema."""

    table: pd.DataFrame
    name: str = "given"
    industry: str = ""
    digest: str = "1"

    @property
    def mapping(self):
        return {field: Column(field) for field in ("customer", "product", "day", "amount")}

    def read(self, until):
        return self.table


class Deserted(Executor):
    """Workers that are gone."""

    def submit(self, task, /, *arguments, **named):
        future = Future()
        future.set_exception(BrokenExecutor("killed"))
        return future


def test_a_worker_that_ends_is_an_error_that_says_how_to_go_on(firms):
    with pytest.raises(CaseError, match="what is finished is kept"):
        train_tenants(firms, Deserted(), at=LIVE, settings=TWO)


def test_names_are_unique_and_no_way_out_of_the_folder(firms, tmp_path):
    with pytest.raises(CaseError, match="two tenants"):
        train_tenants([firms[0], firms[0]], at=LIVE)
    with pytest.raises(CaseError, match="two tenants are called `Pub` and `pub`"):
        train_tenants([TableSource(name, "none.csv", {}) for name in ("Pub", "pub")], at=LIVE)
    outside = TableSource("../x", "none.csv", {})
    with pytest.raises(CaseError, match="no name for a file"):
        train_tenants([outside], at=LIVE, out=tmp_path)
    with pytest.raises(CaseError, match="no setting"):
        train_tenants(firms, at=LIVE, settings=())


def test_the_test_month_has_no_say_in_the_choice(firms, report):
    """A firm whose last month is turned round gets the same setting."""
    name = report.trained[0].name
    firm = next(f for f in firms if f.name == name)
    frame = firm.read(LIVE)
    mapped = map_table(frame, firm.mapping).table
    last = mapped["day"] >= pd.Timestamp(LIVE - timedelta(days=28))
    other = mapped.assign(product=mapped["product"].where(~last, mapped["product"].iloc[::-1].to_numpy()))

    turned = train_tenants([Given(other)], at=LIVE, settings=TWO)["given"]
    assert turned.setting == report[name].setting
    assert turned.test != report[name].test


def test_a_csv_file_is_a_tenant_too(firms, report, tmp_path):
    firm = next(f for f in firms if f.name == report.trained[0].name)
    place = tmp_path / "export.csv"
    firm.read(LIVE + timedelta(days=20)).to_csv(place, index=False)
    source = TableSource(firm.name, str(place), firm.mapping, firm.industry)
    assert train_tenants([source], at=LIVE, settings=TWO)[firm.name] == report[firm.name]
    assert train_tenants([TableSource("gone", str(tmp_path / "no.csv"), firm.mapping)], at=LIVE).quarantined["gone"]


def test_the_monitor_counts_what_the_test_would(firms, report):
    seen = watch_tenants(firms, report.engines(), at=LIVE + timedelta(days=28)).set_index("tenant")
    assert list(seen.index) == [result.name for result in report.trained]
    assert (seen["customers"] > 0).all()
    assert (seen["hits"] <= seen["customers"]).all()


def test_a_decline_has_the_p_value_of_fishers_exact_test():
    cases = [(40, 100, 20, 100), (3, 9, 0, 4), (5, 5, 5, 5), (0, 7, 3, 8)]
    said = decline_p(*zip(*cases, strict=True))
    right = [fisher_exact([[h1, n1 - h1], [h0, n0 - h0]], alternative="less").pvalue for h0, n0, h1, n1 in cases]
    assert said == pytest.approx(right, rel=1e-9)
    assert decline_p([0, 3], [0, 9], [2, 0], [5, 0]).tolist() == [1.0, 1.0]
    with pytest.raises(CaseError, match="hits lie"):
        decline_p([4], [3], [1], [2])


def test_without_a_decline_alarms_are_no_more_than_promised():
    rng = np.random.default_rng(1)
    rates, sizes = rng.uniform(0.2, 0.7, 3_000), rng.integers(30, 200, (2, 3_000))
    then, now = (rng.binomial(n, rates) for n in sizes)
    share = (decline_p(then, sizes[0], now, sizes[1]) <= 0.05).mean()
    assert 0.02 < share < 0.055  # exact and so a little shy


def test_alarms_by_number_and_by_truth():
    assert expected_false_alarms(4_000, level=0.05) == 200
    assert bonferroni_level(4_000, level=0.05) == pytest.approx(1.25e-5)
    assert alarm_quality(["a", "b"], ["b", "c"]) == {"alarms": 2, "false": 1, "missed": 1, "share_false": 0.5}
    assert alarm_quality([], [])["share_false"] == 0
