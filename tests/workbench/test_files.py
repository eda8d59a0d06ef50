"""Files are replaced whole or not at all."""

import hashlib

import pytest

from workbench import files


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "deep" / "note.txt"
    files.write_text(path, "old")
    files.write_text(path, "new")
    assert path.read_text() == "new"
    assert [p.name for p in path.parent.iterdir()] == ["note.txt"]


def test_a_failed_write_keeps_the_old_file(tmp_path):
    path = files.write_text(tmp_path / "note.txt", "old")
    with pytest.raises(TypeError):
        files.write_bytes(path, "text is not bytes")  # type: ignore[arg-type]
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["note.txt"]


def test_digests_are_sha256(tmp_path):
    path = files.write_bytes(tmp_path / "x", b"tea")
    assert files.digest_file(path) == files.digest_bytes(b"tea") == hashlib.sha256(b"tea").hexdigest()


def test_the_digest_of_a_mapping_does_not_depend_on_its_order():
    assert files.digest_json({"a": 1, "b": [2]}) == files.digest_json({"b": [2], "a": 1})
