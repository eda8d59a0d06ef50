"""A dossier: everything bound by digests, signed, and every change named."""

from __future__ import annotations

import io
import json
import zipfile
from html.parser import HTMLParser

import pytest

from lifecycle.archives import Archives
from lifecycle.cases import (
    CaseError,
    Finding,
    at_least,
    build_dossier,
    dossier_page,
    links,
    pack_dossier,
    sign_dossier,
    verify_dossier,
)
from lifecycle.cases.capstone.dossier import CONTENTS, PAGE, digest, written
from lifecycle.govern import SigningKey, is_signed

MODEL = b'{"trees": 3}'
ZIP = Archives("box", CaseError, most_files=9, largest_file=999, largest=9999)
FILES = {
    "04/model.json": MODEL,
    "05/box.zip": ZIP.pack({"a/record.json": digest(MODEL).encode()}),
    "10/release.json": b"release of " + digest(b"known elsewhere").encode(),
    "20/loose.json": b"{}",
}
GATES = {"model": [at_least("gain", 0.1, 0.0)], "value": [Finding("pays", "no", "yes", False)]}
ANA, EVE = SigningKey.teaching("Ana"), SigningKey.teaching("Eve")
GIVEN = {"title": "T", "author": "A", "on": "x", "gates": GATES, "statements": {"value": "y"}}


def signed(data, signature, public):
    return is_signed(data, signature, public, purpose="dossier")


def made(**changes):
    given = {"title": "T <b>", "author": "Ana", "on": "2026-01-02", "gates": GATES, "statements": {"value": "a pilot first"}}
    return signed_by_ana(build_dossier(FILES, **given | changes))


def signed_by_ana(content):
    return sign_dossier(
        content, name="Ana", role="author", public=ANA.public, key=lambda data: ANA.sign(data, purpose="dossier")
    )


def faults(files, trusted=None, required=()):
    trusted = {"Ana": ANA.public} if trusted is None else trusted
    return verify_dossier(files, trusted=trusted, is_signed=signed, required=required)


def test_a_file_is_linked_to_those_that_hold_its_digest_inside_of_archives_too():
    found = links(FILES, known_as={"20/loose.json": digest(b"known elsewhere")})
    assert found == {"04/model.json": (), "05/box.zip": ("04/model.json",), "10/release.json": ("20/loose.json",),
                     "20/loose.json": ()}  # fmt: skip


def test_what_was_signed_holds_and_is_packed_the_same_way_each_time():
    content = made()
    archive = pack_dossier(content, FILES)
    assert archive == pack_dossier(made(), dict(reversed(FILES.items())))
    assert faults(archive) == []
    assert faults(FILES | written(content)) == []


def test_each_change_is_found_and_named():
    sent = FILES | written(made())
    better = json.loads(sent[CONTENTS])
    better["gates"][1]["passed"] = True
    changes = {
        "04/model.json": {"04/model.json": MODEL + b" "},
        "20/loose.json": {"20/loose.json": b"[]"},
        PAGE: {PAGE: sent[PAGE].replace(b"pilot", b"launch")},
        "Ana": written(better),
        "99/new.json": {"99/new.json": b"{}"},
    }
    for name, change in changes.items():
        assert [fault.name for fault in faults(sent | change)] == [name], name
    assert "named by 05/box.zip" in str(faults(sent | changes["04/model.json"])[0])
    assert "is missing" in str(faults({name: data for name, data in sent.items() if name != "20/loose.json"})[0])


def test_a_list_of_keys_of_ones_own_decides():
    content = {**made(), "signatures": []}
    assert [fault.kind for fault in faults(FILES | written(content))] == ["signature"]
    hers = sign_dossier(content, name="Ana", role="author", public=EVE.public,
                        key=lambda data: EVE.sign(data, purpose="dossier"))  # fmt: skip
    assert "not on your list" in str(faults(FILES | written(hers))[0])
    assert faults(FILES | written(hers), {"Ana": EVE.public}) == []


def test_who_signs_as_what_is_signed_too_and_everybody_once():
    content = made()
    first = content["signatures"][0]
    for entries, said in (
        ([{**first, "role": "chief risk officer"}], "name and role"),
        ([{**first, "name": "Eve"}], "name and role"),
        ([first, first], "twice"),
        ([first, {**first, "name": "Eve"}], "twice"),
    ):
        found = faults(FILES | written({**content, "signatures": entries}), {"Ana": ANA.public, "Eve": ANA.public})
        assert any(said in fault.what for fault in found), said
    assert [str(fault) for fault in faults(FILES | written(content), required=["Ana", "Bo"])] == [
        "Bo: has to sign, and did not"
    ]
    for name, public in (("Ana", EVE.public), ("Eve", ANA.public), (" ", EVE.public)):
        with pytest.raises(CaseError):
            sign_dossier(content, name=name, role="author", public=public, key=lambda _: "")


def test_a_name_that_would_lead_a_link_elsewhere_is_refused():
    for name in ("javascript:alert(1)", "//elsewhere.example/a", "/etc/passwd", "../a", "a\\b", ""):
        with pytest.raises(CaseError, match="not a name that a file of a dossier"):
            build_dossier({name: b""}, **GIVEN)
        forged = made()
        forged["files"][name] = {"bytes": 0, "sha256": digest(b""), "names": []}
        with pytest.raises(CaseError, match="no dossier"):
            faults(FILES | written(forged))


def test_what_could_never_be_packed_or_read_again_is_refused_before_anybody_signs():
    for files in (
        {CONTENTS: b""},
        {"Dossier.html": b""},
        {"my data.csv": b""},
        {"a": b"", "A": b""},
        {"a": b"", "a/b": b""},
    ):
        with pytest.raises(CaseError):
            build_dossier(files, **GIVEN)
    for change in ({"title": "\ud800"}, {"statements": {"value": "\ud800"}}, {"plans": {"a": {"b": nested(60)}}}):
        with pytest.raises(CaseError, match="cannot be written down"):
            build_dossier(FILES, **GIVEN | change)
    with pytest.raises(CaseError, match="cannot be written down"):
        sign_dossier(made(), name="\ud800", role="r", public=EVE.public, key=lambda _: "")


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("names", [["[Content_Types].xml"], [f"f{k}" for k in range(501)]])
def test_an_archive_of_another_kind_is_searched_as_its_bytes_and_stops_nothing(names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, digest(MODEL))
    files = FILES | {"30/sheet.xlsx": buffer.getvalue()}
    assert links(files)["30/sheet.xlsx"] == ("04/model.json",)  # it lies in there uncompressed
    assert faults(pack_dossier(signed_by_ana(build_dossier(files, **GIVEN)), files)) == []


@pytest.mark.parametrize("plans", [{"a": {"b": float("nan")}}, {"a": "text"}, {"a": {"b": object()}}, {"a": {1: "x"}}])
def test_a_plan_that_cannot_be_written_down_is_refused(plans):
    with pytest.raises(CaseError, match="the plan `a`"):
        made(plans=plans)


@pytest.mark.parametrize("known", [{"20/loose.json": ""}, {"20/loose.json": "ab"}, {"nobody": digest(b"")}])
def test_a_file_is_known_by_a_digest_only(known):
    with pytest.raises(CaseError, match="cannot be known"):
        links(FILES, known_as=known)


def test_a_signature_for_another_purpose_does_not_count():
    content = build_dossier(FILES, title="T", author="A", on="x", gates=GATES, statements={"value": "y"})
    other = sign_dossier(content, name="Ana", role="r", public=ANA.public, key=lambda data: ANA.sign(data, purpose="card"))
    assert "not over these contents" in str(faults(FILES | written(other))[0])


def test_a_failed_gate_needs_somebody_who_says_what_follows():
    for statements in ({"summary": "fine"}, {"value": " "}):
        with pytest.raises(CaseError, match="`value` did not pass"):
            made(statements=statements)
    with pytest.raises(CaseError, match="`empty` did not pass"):
        made(gates={**GATES, "empty": []})
    for lacking in ({"gates": {}}, {"author": " "}, {"statements": {}}):
        with pytest.raises(CaseError):
            made(**lacking)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.links, self.faults = [], [], []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def test_the_page_is_well_formed_links_every_file_and_escapes_what_people_write():
    page = dossier_page(made(plans={"shadow": {"cases": "<script>"}}))
    tags = Tags()
    tags.feed(page)
    assert (tags.open, tags.faults) == ([], [])
    assert tags.links == [f"./{name}" for name in sorted(FILES)]
    assert 'href="../04/model.json"' in dossier_page(made(), base="../")
    assert "<script>" not in page
    assert "T &lt;b&gt;" in page
    for data in FILES.values():
        assert digest(data) in page


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"files": [], "signatures": []}', b'{"files": {"a": 1}, "signatures": []}', b"\xff"]
)
def test_what_is_no_dossier_is_refused(content):
    with pytest.raises(CaseError, match="no dossier"):
        faults({CONTENTS: content})
    with pytest.raises(CaseError):
        faults(b"not a zip")


def forged(**changes):
    return {CONTENTS: json.dumps(made() | changes).encode()}


@pytest.mark.parametrize(
    "changes",
    [
        {"more": float("nan")},
        {"title": "\ud800"},
        {"statements": {"value": "\ud800"}},
        {"more": nested(60)},
        {"more": nested(900)},
        {"gates": [{"gate": "g", "name": "n", "found": "f", "wanted": "w", "passed": "no"}]},
        {"files": {"a": {"bytes": 0, "sha256": "<b>", "names": []}}},
        {"files": {"my data.csv": {"bytes": 0, "sha256": digest(b""), "names": []}}},
        {"files": {CONTENTS: {"bytes": 0, "sha256": digest(b""), "names": []}}},
        {"signatures": [{"name": "M", "role": "r", "public": None, "signature": "s"}]},
        {"signatures": [{"name": "M", "role": "r", "public": "p", "signature": 3}]},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_a_hostile_table_of_contents_is_no_dossier_and_no_traceback(changes):
    with pytest.raises(CaseError, match="no dossier"):
        faults(forged(**changes))


def test_who_is_not_on_the_list_is_distrusted_whatever_the_key():
    stranger = {"name": "M", "role": "r", "public": "", "signature": ""}
    assert "not on your list" in str(faults(forged(signatures=[stranger]))[0])


def test_the_page_escapes_a_digest_that_is_none():
    content = made()
    content["files"]["04/model.json"]["sha256"] = "<script>"
    assert "<script>" not in dossier_page(content)
