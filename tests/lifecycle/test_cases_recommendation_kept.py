"""Results in a folder: what is kept, what is made again, and whose engine a report hands out."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from lifecycle.cases import LIVE, CaseError, Engine, Setting, TableSource, draw_tenants, train_tenants
from lifecycle.cases.recommendation.results import kept

ONE = (Setting(5),)


def told():
    """What a run says of its progress, and the function that it is to tell."""
    said: list[tuple[int, int]] = []
    return said, lambda done, total: said.append((done, total))


@pytest.fixture(scope="module")
def firms():
    """Four small firms, of which one is broken."""
    sound, *others = draw_tenants(4, seed=7, interactions=150, broken=0, turning=0)
    return (*others, replace(sound, fault="no rows"))


@pytest.fixture(scope="module")
def first(firms, tmp_path_factory):
    """The report of a whole run, and its progress."""
    said, progress = told()
    return train_tenants(firms, at=LIVE, settings=ONE, out=tmp_path_factory.mktemp("kept"), progress=progress), said


@pytest.fixture
def report(first, tmp_path):
    """The same report, of files that may be spoilt."""
    shutil.copytree(first[0].folder, tmp_path / "out")
    return replace(first[0], folder=tmp_path / "out")


def test_a_run_tells_of_each_result_and_keeps_them_all(firms, first):
    report, said = first
    assert said == [(k, 4) for k in range(1, 5)]
    assert (report.made, report.kept) == (4, 0)
    assert 0 < len(report.quarantined) < 4
    assert all(isinstance(engine, Engine) for engine in report.engines().values())


def test_after_an_interruption_only_what_is_missing_or_damaged_is_made(firms, first, report):
    files = sorted(report.folder.glob("*.json"))
    files[0].unlink()
    files[1].write_text(files[1].read_text().replace("tenant", "tenent", 1))
    files[2].write_bytes(files[2].read_bytes()[:-9])
    said, progress = told()
    again = train_tenants(firms, at=LIVE, settings=ONE, out=report.folder, progress=progress)
    assert (again.made, again.kept) == (3, 1)
    assert said == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert again.engines() == first[0].engines()
    assert again.results == first[0].results


def test_a_run_with_nothing_left_to_do_says_so_once(firms, report):
    said, progress = told()
    assert train_tenants(firms, at=LIVE, settings=ONE, out=report.folder, progress=progress).made == 0
    assert said == [(4, 4)]


def test_another_order_is_not_answered_from_old_results(firms, report):
    name = report.trained[0].name
    firm = next(firm for firm in firms if firm.name == name)
    others = [
        {"settings": (Setting(0),)},
        {"at": LIVE + timedelta(days=1)},
        {"champions": {name: report.engine(name)}},
    ]
    for other in others:
        assert train_tenants([firm], **({"at": LIVE, "settings": ONE, "out": report.folder} | other)).made == 1


def test_a_tenant_that_changed_its_trade_is_made_again(firms, first, tmp_path):
    name = first[0].trained[0].name
    firm = next(firm for firm in firms if firm.name == name)
    firm.read(LIVE).to_csv(tmp_path / "export.csv", index=False)
    source = TableSource(name, str(tmp_path / "export.csv"), firm.mapping, "brewing")
    for trade in ("brewing", "distilling"):
        made = train_tenants([replace(source, industry=trade)], at=LIVE, settings=ONE, out=tmp_path / "out")
        assert (made.made, made[name].industry) == (1, trade)


def test_a_changed_result_is_not_served(report):
    name = report.trained[0].name
    place = report.folder / f"{name}.json"
    place.write_text(place.read_text().replace("P00", "P99", 1))
    with pytest.raises(CaseError, match="changed or removed"):
        report.engine(name)


def test_a_report_never_hands_out_the_engine_of_another_run(firms, report):
    name = report.trained[0].name
    firm = next(firm for firm in firms if firm.name == name)
    before = report.engine(name)
    later = train_tenants([firm], at=LIVE + timedelta(days=28), settings=ONE, out=report.folder)
    assert later.engine(name) != before
    with pytest.raises(CaseError, match="another run has written over it"):
        report.engine(name)


def test_a_result_under_another_name_is_nobodys(report):
    place = report.folder / f"{report.trained[0].name}.json"
    order = json.loads(place.read_text().partition("\n")[0])["order"]
    assert kept(place, order).name == place.stem
    assert kept(place.rename(place.with_name("other.json")), order) is None
