import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course.commands.failures import RequestError
from lifecycle.govern import Signers, SigningKey, Trail, head_of
from workbench.cli import application

COMMITTED = Path(__file__).parents[2] / "datasets" / "artifacts"


@pytest.fixture
def run(tmp_path):
    shutil.copytree(COMMITTED, tmp_path / "artifacts")
    return tmp_path


def verify(*arguments):
    return CliRunner().invoke(application(), ["govern", "verify", *map(str, arguments)])


def alter(run, name, old, new):
    place = run / "artifacts" / name
    data = place.read_bytes()
    assert old in data
    place.write_bytes(data.replace(old, new, 1))


def test_the_committed_run_holds():
    done = verify(COMMITTED)
    assert done.exit_code == 0, done.output
    assert "Everything holds." in done.stdout
    assert "give a list of your own with --signers" in done.stdout


def test_one_digit_of_the_model_of_lesson_04_ends_with_1_and_names_it(run):
    alter(run, "04/model.json", b"E-1", b"E-2")
    done = verify(run)
    assert done.exit_code == 1
    assert "changed file: 04/model.json" in done.stdout
    assert "1 of it does not hold" in done.stdout


def test_json_names_every_fault(run):
    alter(run, "19/trail.jsonl", b"Ana", b"Bob")
    done = verify(run, "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["holds"]) == (1, False)
    assert [fault["place"] for fault in found["faults"]] == ["19/trail.jsonl, record 1"]


def test_a_list_of_ones_own_decides(run):
    own = run / "mine.json"
    own.write_bytes((run / "artifacts/19/signers.json").read_bytes())
    done = verify(run, "--signers", own)
    assert (done.exit_code, "--signers" in done.stdout) == (0, False)
    listed = Signers.from_json(own.read_bytes())
    own.write_text(Signers(listed.people, (SigningKey.teaching("somebody").public,)).to_json())
    assert verify(run, "--signers", own).exit_code == 1


def test_a_head_of_ones_own_shows_an_older_run_put_back(run, tmp_path):
    kept = tmp_path / "kept.head"
    kept.write_bytes((run / "artifacts/19/trail.head").read_bytes())
    done = verify(run, "--head", kept)
    assert (done.exit_code, "--head" in done.stdout) == (0, False)
    trail = Trail(tmp_path / "elsewhere.jsonl", SigningKey.teaching("keeper", seed=19))
    for _ in range(50):
        trail.append("Ana", "noted", "a longer trail")
    kept.write_bytes(head_of(trail.path).read_bytes())
    done = verify(run, "--head", kept)
    assert (done.exit_code, "older trail" in done.stdout) == (1, True)
    kept.write_text("{}")
    assert verify(run, "--head", kept).exception.exit_code == 2


def test_a_run_that_took_files_over_is_compared_with_the_courses(run):
    shutil.rmtree(run / "artifacts/04")
    assert verify(run).exit_code == 1
    (run / "run.json").write_text(json.dumps({"given": {}}))
    assert verify(run).exit_code == 0
    (run / "run.json").write_text(json.dumps({"given": {"use_case": "fraud"}}))
    assert verify(run).exit_code == 1


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_record_that_is_none_is_a_request_that_cannot_be_carried_out(run, text):
    (run / "run.json").write_text(text)
    assert isinstance(verify(run).exception, RequestError)


def test_without_a_card_or_a_list_there_is_nothing_to_verify(tmp_path, run):
    assert isinstance(verify(tmp_path / "none").exception, RequestError)
    assert isinstance(verify(run, "--signers", tmp_path / "none.json").exception, RequestError)
    (tmp_path / "list.json").write_text("{}")
    done = verify(run, "--signers", tmp_path / "list.json")
    assert isinstance(done.exception, RequestError)
    assert done.exception.exit_code == 2
