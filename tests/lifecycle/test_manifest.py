from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.develop.record.manifest import DEEPEST, BundleError, Manifest, as_json, compare_manifests, digest_of_frame
from lifecycle.errors import DataError

FRAME = pd.DataFrame(
    {
        "n": [1, 2, 3],
        "x": [0.5, np.nan, 2.0],
        "flag": [True, False, True],
        "text": ["a", None, "bc"],
        "when": pd.to_datetime(["2020-01-01", None, "2021-05-06"]),
        "kind": pd.Categorical(["u", "v", None]),
        "maybe": pd.array([1, None, 2], dtype="Int64"),
    }
)
VALUES = st.lists(
    st.one_of(st.none(), st.text(max_size=4), st.floats(), st.integers(), st.booleans()), min_size=1, max_size=6
)
NESTED = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.text("abc", min_size=1, max_size=2), NESTED, max_size=4)


def manifest(**changes):
    fields = {"files": {"a.txt": "0" * 64}, "seeds": {"split": 0}, "environment": {"packages": {"numpy": "2.4.6"}}}
    return Manifest(**{**fields, **changes})


def test_a_frame_keeps_its_digest_through_parquet_and_another_index(tmp_path):
    FRAME.to_parquet(tmp_path / "frame.parquet")
    assert digest_of_frame(pd.read_parquet(tmp_path / "frame.parquet")) == digest_of_frame(FRAME)
    assert digest_of_frame(FRAME.set_axis([7, 8, 9])) == digest_of_frame(FRAME)


def test_the_digest_of_a_frame_is_what_it_was():
    """Recorded digests stay valid: a change of this number breaks every manifest that exists."""
    frame = pd.DataFrame({"n": [1, 2], "x": [0.5, np.nan], "t": ["a", None]})
    assert digest_of_frame(frame).startswith("d7640203b8da5117")


@pytest.mark.parametrize(
    "other",
    [
        FRAME.assign(n=[1, 2, 4]),
        FRAME.assign(n=[1.0, 2.0, 3.0]),
        FRAME.rename(columns={"n": "m"}),
        FRAME.iloc[::-1],
        FRAME[FRAME.columns[::-1]],
        FRAME.iloc[:2],
        FRAME.drop(columns="x"),
        FRAME.assign(x=[0.5, 0.0, 2.0]),
        FRAME.assign(text=["a", "", "bc"]),
        FRAME.assign(text=["ab", None, "c"]),
        FRAME.assign(kind=pd.Categorical(["u", "v", "u"])),
        FRAME.assign(maybe=pd.array([1, 0, 2], dtype="Int64")),
    ],
)
def test_any_change_of_a_frame_changes_its_digest(other):
    assert digest_of_frame(other) != digest_of_frame(FRAME)


@given(VALUES, VALUES)
def test_columns_of_objects_have_equal_digests_exactly_where_they_are_equal(a, b):
    def plain(values):
        return [("missing",) if value is None or value != value else (type(value).__name__, str(value)) for value in values]

    first, second = (digest_of_frame(pd.DataFrame({"c": pd.Series(values, dtype="object")})) for values in (a, b))
    assert (first == second) == (plain(a) == plain(b))


def test_text_is_text_whichever_type_holds_it():
    kinds = ("object", "str", pd.StringDtype("python"), pd.StringDtype("pyarrow"))
    assert len({digest_of_frame(pd.DataFrame({"t": pd.Series(["a", None], dtype=kind)})) for kind in kinds}) == 1


@pytest.mark.parametrize(
    ("frame", "where"),
    [
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "frame"),
        (pd.DataFrame({"a": [[1], [2]]}), "column `a`"),
        (pd.DataFrame({"a": pd.period_range("2020", periods=2, freq="M")}), "column `a`"),
    ],
)
def test_what_has_no_digest_is_named(frame, where):
    with pytest.raises(DataError) as caught:
        digest_of_frame(frame)
    assert caught.value.where == where


def test_a_manifest_reads_what_it_wrote():
    assert Manifest.from_json(manifest().to_json()) == manifest()
    assert Manifest.from_json(manifest().to_json()).digest == manifest().digest


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format 2; this version reads 1"),
        ({"format": True}, "format True"),
        ({"extra": 1}, "`extra` is no field"),
        ({"files": []}, "`files` must be an object"),
        ({"files": {"a.txt": "12"}}, "not a SHA-256"),
    ],
)
def test_what_is_no_manifest_is_refused(change, message):
    with pytest.raises(BundleError, match=message):
        Manifest.from_json(json.dumps({**json.loads(manifest().to_json()), **change}))


@given(st.integers(0, 10_000), st.characters(codec="ascii"))
def test_a_manifest_with_another_character_is_refused(position, other):
    text = manifest().to_json()
    position %= len(text)
    changed = text[:position] + other + text[position + 1 :]
    if changed != text:
        with pytest.raises(BundleError):
            Manifest.from_json(changed)


@pytest.mark.parametrize("text", ["", "[]", "{}", "no", '{"format": 1, "format": 1}', "[" * 100_000, "[" * 33 + "]" * 33])
def test_what_is_no_json_object_is_refused(text):
    with pytest.raises(BundleError):
        Manifest.from_json(text)


@pytest.mark.parametrize("settings", [{"a": "\ud800"}, {"\ud800": 1}])
def test_half_a_surrogate_pair_is_refused(settings):
    content = {**manifest().to_dict(), "settings": settings, "seal": "0" * 64}
    with pytest.raises(BundleError, match="not a manifest") as caught:
        Manifest.from_json(json.dumps(content))
    str(caught.value).encode("utf-8")
    with pytest.raises(BundleError, match="cannot be written as JSON"):
        manifest(settings=settings).to_json()


def test_nesting_is_read_up_to_a_limit():
    value = 1
    for _ in range(DEEPEST - 2):  # in the manifest and its settings
        value = [value]
    made = manifest(settings={"a": value})
    assert Manifest.from_json(made.to_json()) == made
    with pytest.raises(BundleError, match="nested more than 32 deep"):
        Manifest.from_json(manifest(settings={"a": [value]}).to_json())


def test_a_missing_field_is_named():
    content = json.loads(manifest().to_json())
    del content["seeds"]
    with pytest.raises(BundleError, match="`seeds` is missing"):
        Manifest.from_json(json.dumps(content))


def test_the_comparison_names_what_changed():
    other = manifest(environment={"packages": {"numpy": "2.4.5", "scipy": "1.17.1"}}, seeds={})
    found = compare_manifests(manifest(), other)
    assert [str(each) for each in found] == [
        "environment.packages.numpy: 2.4.6 → 2.4.5",
        "environment.packages.scipy: nothing → 1.17.1",
        "seeds: nothing → {}",
        "seeds.split: 0 → nothing",
    ]


@given(MAPPINGS, MAPPINGS)
def test_no_change_means_equal_and_the_way_back_is_the_same_list(a, b):
    there, back = compare_manifests(a, b), compare_manifests(b, a)
    assert (not there) == (a == b)
    assert [(one.item, one.after, one.before) for one in there] == list(map(tuple, back))


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, np.zeros(2)])
def test_what_json_cannot_hold_is_an_error(value):
    with pytest.raises(BundleError, match="JSON"):
        as_json({"value": value})
