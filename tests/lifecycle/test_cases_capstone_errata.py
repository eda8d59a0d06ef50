"""Wrong claims: each is found where it is made, and left alone where it is refuted."""

from __future__ import annotations

import pytest

from lifecycle.cases import CaseError, errata, refuse_wrong_claims, wrong_claims
from lifecycle.cases.capstone.errata import sentences


def names(report):
    return [each.erratum.id for each in wrong_claims(report)]


@pytest.mark.parametrize("erratum", errata(), ids=lambda erratum: erratum.id)
def test_a_claim_is_found_and_what_holds_instead_is_not(erratum):
    assert names(erratum.claim) == [erratum.id]
    assert names(erratum.truth) == []


def test_every_lesson_from_00_to_20_has_its_errata():
    assert {erratum.lesson for erratum in errata()} == {f"{number:02}" for number in range(21)}
    assert len({erratum.id for erratum in errata()}) == len(errata())


def test_a_report_is_searched_sentence_by_sentence_through_its_markup():
    first, second = errata()[0], next(each for each in errata() if each.id == "13-roi")
    assert names(f"# Report\n\nAll is well. {first.claim}\n\n- {second.claim}\n") == [first.id, second.id]
    table = "<table><tr><td>churn</td><td>ROI</td><td>127 %</td></tr></table>"
    page = f"<html><style>p {{ color: red }}</style><p>{first.claim}</p>{table}"
    assert names(page) == [first.id, "13-roi"]
    assert names("Our **churn model** returns\n127 % on what it costs.") == ["13-roi"]


def test_two_sentences_that_only_together_have_the_words_make_no_claim():
    assert names("The churn model was built in May. We sold 127 % more ice.") == []
    assert names("") == []


def test_a_report_that_makes_claims_is_refused_with_all_of_them_named():
    with pytest.raises(CaseError) as caught:
        refuse_wrong_claims("A shadow run needs no statistics. Shadow mode has zero risk.", name="release report")
    assert "2 claims" in str(caught.value)
    assert "15-statistics" in str(caught.value)
    assert "979" in str(caught.value)
    assert caught.value.where == "capstone: release report"
    refuse_wrong_claims("A shadow run needs paired statistics.")


def test_rows_of_a_table_and_wrapped_lines_are_sentences():
    assert sentences("| a | 1 |\n| b | 2 |\n\nOne line\ngoes on. Two.") == ["a 1", "b 2", "One line goes on.", "Two."]


@pytest.mark.parametrize(
    "sentence",
    [
        "The exported ONNX model makes identical decisions on all 2,400 rows.",
        "Hashed addresses are never anonymous.",
        "Unit coverage is 80 %, and the rest is untested.",
        "Whoever looks daily and stops at 5 % has far more false alarms.",
        "85 of 90 runs succeeded (94.4 %).",
        "The deployed model is free of leakage.",
        "Once it was live, the model ran free from errors.",
        "When the report is delivered, the work is complete.",
        "The deployment is complete.",
        "The pipeline's model has an accuracy of 94.4 %.",
        "Treating the groups so is unfair: 85, 88 and 89 % are right.",
        "K-fold was never used here.",
        "The coverage of the 90 % interval was tested on 80 % of the series.",
        "Accuracy is 85 % for men and women, so fairness has to be judged by other rates.",
        "The protected attribute was dropped, so the gap cannot be measured any more.",
        "We looked daily at 5 % of the rows.",
        "We set a lower threshold for fraud of large amounts.",
        "The candidate reached 91 %; the gate of 90 % stands before its deployment.",
        "Accuracy rises from 82 to 87 per cent, an improvement of 5 percentage points.",
        "The model needs 127 % of the memory.",
    ],
)
def test_a_true_sentence_about_the_matter_is_left_alone(sentence):
    assert names(sentence) == []


@pytest.mark.parametrize("sign", ["%", " per cent", " percent"])
def test_per_cent_may_be_written_as_a_sign_or_in_words(sign):
    assert names(f"Storage falls from 400 to 60 MB, which is 87{sign} less.") == ["03-storage"]
    assert names(f"The churn campaign returns 127{sign}.") == ["13-roi"]
    assert names(f"Storage falls from 400 to 60 MB: 85{sign} less, and not 87{sign}.") == []


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("00-finished", "It went live in May: the project is done."),
        ("13-upkeep", "After it is deployed the model is free of charge."),
        ("10-coverage", "With a unit coverage of 92 % the code is fully tested."),
        ("11-success", "94.4 % of all runs are successful."),
        ("17-disparity", "With 85, 88 and 89 % the model is fair."),
        ("17-dropped", "We removed sex, and the model can no longer discriminate."),
        ("20-never", "You should never use k-fold on time series."),
        ("16-peeking", "We peeked daily, at an error rate of 5 %."),
    ],
)
def test_a_claim_in_other_words_is_found_still(name, sentence):
    assert names(sentence) == [name]


def test_a_word_that_only_holds_a_right_one_does_not_excuse():
    assert names("We set a seed in the notebook, so training is deterministic.") == ["05-seed"]
    assert names("The row was deleted, so the data are erased everywhere, as another team notes.") == ["18-erased"]
