import io
import json
import zipfile

import pytest

from lifecycle.govern import (
    CardError,
    Sources,
    build_card,
    card_digest,
    card_faults,
    card_fields,
    card_page,
    missing_fields,
    read_card,
    unknown_laws,
)


def archive(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return stream.getvalue()


FILES = {
    "04/metrics.json": json.dumps({"recall": {"value": 0.5, "low": 0.4}, "groups": ["a", "b"], "odd/key~": 3}).encode(),
    "01/charter.yaml": b"goal: fewer defaults\n",
    "07/package.zip": archive(**{"config.json": '{"threshold": 0.25}'}),
    "04/model.json": b"{}",
}
FIGURES = {field: "04/metrics.json#/recall" for field, kind in card_fields().items() if kind == "figure"}
STATEMENTS = {field: "as agreed" for field, kind in card_fields().items() if kind == "statement"}


def card(files=FILES, **statements):
    sources = Sources(files)
    said = STATEMENTS | {"performance.limits": "Recall is {04/metrics.json#/recall/value}."} | statements
    return build_card(sources, title="a <model>", author="Ana", figures=FIGURES, statements=said, evidence=["04/model.json"])


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("04/metrics.json#/recall/value", 0.5),
        ("04/metrics.json#/groups/1", "b"),
        ("04/metrics.json#/odd~1key~0", 3),
        ("01/charter.yaml#/goal", "fewer defaults"),
        ("07/package.zip!config.json#/threshold", 0.25),
        ("04/model.json#", {}),
    ],
)
def test_a_reference_leads_to_a_value(reference, value):
    assert Sources(FILES).value(reference) == value


@pytest.mark.parametrize(
    "reference",
    [
        "04/none.json#/a",
        "04/metrics.json#/nothing",
        "04/metrics.json#/groups/7",
        "04/metrics.json#/recall/value/deeper",
        "07/package.zip!none.json#/a",
        "01/charter.yaml!inside#/a",
        "../04/metrics.json#/recall",
    ],
)
def test_a_reference_that_leads_nowhere_is_an_error(reference):
    with pytest.raises(CardError):
        Sources(FILES).value(reference)


def test_files_are_read_from_a_folder_then_from_the_other(tmp_path):
    for folder, text in (("run", "1"), ("committed", "2")):
        (tmp_path / folder / "04").mkdir(parents=True)
        (tmp_path / folder / "04/a.json").write_text(text)
    (tmp_path / "committed/04/b.json").write_text("3")
    (tmp_path / "secret.json").write_text("4")
    sources = Sources(tmp_path / "run", fallback=tmp_path / "committed")
    assert (sources.value("04/a.json#"), sources.value("04/b.json#")) == (1, 3)
    assert "../secret.json" not in sources
    assert str(tmp_path / "secret.json") not in sources


def test_a_card_says_where_each_figure_is_from_and_fits_its_files():
    made = card()
    assert made["sections"]["details"]["rows"]["from"] == "04/metrics.json#/recall"
    assert made["sections"]["performance"]["limits"]["text"] == "Recall is 0.5."
    assert set(made["evidence"]) == {"04/metrics.json", "04/model.json"}
    assert card_faults(made, Sources(FILES)) == []
    assert read_card(json.dumps(made)) == made


@pytest.mark.parametrize("text", ["Recall is 73 %.", "0.5 at best", "about 1,000 people", "up to 85%", "loses 2.5 million"])
def test_a_number_cannot_be_typed(text):
    with pytest.raises(CardError, match="typed by hand"):
        card(**{"performance.limits": text})


@pytest.mark.parametrize("text", ["Audited 2026-02-27.", "Since 2024.", "p95 is watched.", "{04/metrics.json#/recall/low}."])
def test_a_date_a_name_and_a_reference_are_no_typed_numbers(text):
    assert card_faults(card(**{"performance.limits": text}), Sources(FILES)) == []


def test_a_field_that_a_card_does_not_have_is_refused():
    with pytest.raises(CardError, match=r"no statement `performance\.metrics`"):
        build_card(Sources(FILES), title="x", author="y", figures={}, statements={"performance.metrics": "good"})


@pytest.mark.parametrize("text", ["day: 2026-01-01", "day: .nan"])
def test_what_json_cannot_hold_is_no_figure(text):
    with pytest.raises(CardError, match="a card cannot hold"):
        build_card(Sources({"01/a.yaml": text.encode()}), title="x", author="y", figures={"details.rows": "01/a.yaml#/day"},
                   statements={})  # fmt: skip


def test_missing_and_empty_fields_are_named_in_order():
    made = card()
    del made["sections"]["ethics"]
    made["sections"]["details"]["owner"] = {"template": "", "text": ""}
    assert missing_fields(made) == [
        "details.owner", "ethics.harms", "ethics.mitigation", "ethics.restrictions", "ethics.review",
    ]  # fmt: skip
    zero = {"sections": {"details": {"complete": {"value": 0, "from": "x#"}}}}
    assert "details.complete" not in missing_fields(zero)


def test_a_changed_file_is_named_and_nothing_else():
    changed = FILES | {"04/model.json": b"{ }"}
    found = card_faults(card(), Sources(changed))
    assert [(fault.kind, fault.place) for fault in found] == [("changed file", "04/model.json")]


def test_a_missing_file_is_named():
    found = card_faults(card(), Sources({name: data for name, data in FILES.items() if name != "04/model.json"}))
    assert [(fault.kind, fault.place) for fault in found] == [("missing file", "04/model.json")]


def test_a_changed_figure_is_named_to_the_place():
    made = card()
    made["sections"]["performance"]["metrics"]["value"]["value"] = 0.99
    (fault,) = card_faults(made, Sources(FILES))
    assert str(fault) == "performance.metrics: says 0.99, 04/metrics.json#/recall/value has 0.5"


def test_a_changed_text_and_a_figure_without_evidence_are_found():
    made = card()
    made["sections"]["performance"]["limits"]["text"] = "Recall is 0.9."
    made["sections"]["details"]["rows"]["from"] = "01/charter.yaml#/goal"
    assert {fault.place for fault in card_faults(made, Sources(FILES))} == {"performance.limits", "details.rows"}


@pytest.mark.parametrize("entry", [None, 3, "text", [], {"from": 3, "value": 1}, {"template": 3}, {"from": "x"}])
def test_a_field_of_a_strange_form_is_a_fault_and_no_crash(entry):
    made = card()
    made["sections"]["details"]["rows"] = entry
    assert "details.rows" in {fault.place for fault in card_faults(made, Sources(FILES))}


STRANGE = '{"format": 1, "title": "%s", "author": "", "sections": {}, "evidence": {"a": %s}}'


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "{}", '{"format": 1}', "[" * 5000, STRANGE % ("", "NaN"), STRANGE % ("\\ud800", "1")]
)
def test_what_is_no_card_is_an_error(text):
    with pytest.raises(CardError):
        read_card(text)


def test_the_digest_is_of_everything_but_the_approvals():
    made = card()
    assert card_digest(made | {"approvals": [1]}) == card_digest(made)
    assert card_digest(made | {"title": "b"}) != card_digest(made)


def test_the_page_escapes_and_is_equal_for_equal_cards():
    made = card(**{"ethics.harms": "<script>"})
    page = card_page(made)
    assert "<script>" not in page
    assert "a &lt;model&gt;" in page
    assert "low 0.4, value 0.5 <small>(04/metrics.json#/recall)</small>" in page
    assert card_page(json.loads(json.dumps(made, sort_keys=True))) == page


def test_a_law_that_does_not_exist_is_named():
    named = ["Fair Lending Act", "Equal Credit Opportunity Act", "fair housing act", "GDPR", "AI Act", " "]
    assert unknown_laws(named) == ["Fair Lending Act", " "]
