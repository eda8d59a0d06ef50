"""Archives: real zips, hostile ones among them, read one file at a time within limits."""

from __future__ import annotations

import io
import os
import socket
import stat
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.grading.arrivals import archive, zipped
from workbench.grading.arrivals.entry import ArchiveError, Caps, Entry, RefusedError, bad_path

SMALL = Caps(members=100, contents=1 << 16, file=1 << 20, total=4 << 20)


def _zip(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as made:
        for name, data in members:
            made.writestr(name, data, compress_type=method)
    return stream.getvalue()


def _special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def _listed(data: bytes, caps: Caps = SMALL) -> dict[str, Entry]:
    return {entry.path: entry for entry in zipped.of_bytes(data, caps)}


def _claiming(data: bytes, size: int) -> bytes:
    """The archive with another size of its one member in its table of contents."""
    start = data.rindex(b"PK\x01\x02")
    return data[: start + 24] + struct.pack("<I", size) + data[start + 28 :]


def test_a_zip_is_read_in_the_order_of_its_paths_folders_left_out():
    listed = _listed(_zip(("b/two", b"2"), ("a/", b""), ("a/one", b"1")))
    assert [(path, entry.read()) for path, entry in listed.items()] == [("a/one", b"1"), ("b/two", b"2")]


@pytest.mark.parametrize(
    "path",
    ["../x", "a/../../x", "/etc/passwd", "..\\x", "\\\\host\\x", "C:\\x", "c:/x", "a/..", "/".join("a" * 40), "x" * 2000],
)
def test_a_path_that_leads_out_is_refused(path):
    (entry,) = _listed(_zip((path, b"x"))).values()
    with pytest.raises(RefusedError, match="path"):
        entry.read()


def test_a_path_with_a_zero_byte_is_refused_though_zipfile_hides_it():
    data = _zip(("harmlessX.ipynb", b"x")).replace(b"harmlessX.ipynb", b"harmless\0.ipynb")
    (entry,) = _listed(data).values()
    assert "zero byte" in entry.refused


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_what_is_no_plain_file_is_refused(kind):
    (entry,) = _listed(_zip((_special("x.ipynb", kind | 0o777), b"/etc/passwd"))).values()
    with pytest.raises(RefusedError, match="not a plain file"):
        entry.read()


def test_a_bomb_is_refused_by_its_ratio_before_it_is_unpacked():
    bomb = _zip(("bomb.ipynb", bytes(50 << 20)))
    assert len(bomb) < 60_000
    (entry,) = _listed(bomb, Caps()).values()
    assert "larger" in entry.refused
    (entry,) = _listed(_zip(("bomb.ipynb", bytes(10 << 20))), Caps()).values()
    assert "compressed more than 200 times" in entry.refused


@pytest.mark.parametrize("claimed", [1, 100, (1 << 20) - 1])
def test_a_bomb_that_lies_about_its_size_gives_no_more_than_it_said(claimed):
    (entry,) = _listed(_claiming(_zip(("bomb.ipynb", bytes(50 << 20))), claimed)).values()
    tracemalloc.start()
    with pytest.raises(RefusedError, match="damaged"):
        entry.read()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 << 20


def test_files_that_are_fine_one_by_one_are_stopped_all_together():
    entries = _listed(_zip(*((f"{number}.ipynb", os.urandom(1 << 20)) for number in range(6)), method=zipfile.ZIP_STORED))
    assert [len(entry.read()) for entry in list(entries.values())[:4]] == [1 << 20] * 4
    with pytest.raises(RefusedError, match="all files together"):
        entries["4.ipynb"].read()


def test_members_that_share_their_bytes_are_refused_or_counted_each():
    """The quine-like bomb: many entries of the table of contents that point at one compressed stream."""
    data = _zip(("0.ipynb", bytes(1 << 20)))
    start, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    entry = data[start:end]
    many = b"".join(entry.replace(b"0.ipynb", b"%d.ipynb" % number) for number in range(10))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 10, 10, len(many), start, 0)
    read = 0
    for one in _listed(data[:start] + many + tail, Caps(total=3 << 20)).values():
        try:
            read += len(one.read())
        except RefusedError:
            continue
    assert read <= 3 << 20


def test_too_many_members_refuse_the_archive():
    with pytest.raises(ArchiveError, match="more than 100"):
        _listed(_zip(*((f"{number}", b"") for number in range(101))))


def test_a_table_of_contents_that_is_too_large_is_not_even_read():
    with pytest.raises(ArchiveError, match="table of contents"):
        _listed(_zip(*((f"{number:0200}", b"") for number in range(400)))[:], Caps(members=1_000, contents=1 << 16))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_of_compression_are_refused(method):
    (entry,) = _listed(_zip(("x.ipynb", b"x" * 1000), method=method)).values()
    assert "deflate" in entry.refused


def test_an_encrypted_member_is_refused():
    data = bytearray(_zip(("x.ipynb", b"x")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    (entry,) = _listed(bytes(data)).values()
    assert entry.refused == "encrypted"


def test_names_that_differ_by_case_or_not_at_all_are_taken_once():
    with pytest.warns(UserWarning, match="Duplicate"):
        data = _zip(("A/x.ipynb", b"1"), ("a/X.ipynb", b"2"), ("a/X.ipynb", b"3"), ("a/y.ipynb", b"4"))
    entries = list(zipped.of_bytes(data, SMALL))
    assert [entry.path for entry in entries if not entry.refused] == ["A/x.ipynb", "a/y.ipynb"]
    assert all("same name" in entry.refused for entry in entries if entry.refused)


def test_a_damaged_member_is_refused_and_its_neighbour_read():
    data = _zip(("a.ipynb", b"a" * 100), ("b.ipynb", b"b" * 100), method=zipfile.ZIP_STORED).replace(b"aaaa", b"aaab", 1)
    entries = _listed(data)
    with pytest.raises(RefusedError, match="damaged"):
        entries["a.ipynb"].read()
    assert entries["b.ipynb"].read() == b"b" * 100


@given(st.binary(max_size=400))
def test_any_bytes_are_an_archive_or_refused(data):
    _outcome(data)


HONEST = _zip(("s001/02_data.ipynb", b"{}" * 50), ("s002/02_data.ipynb", b"[]" * 50))


@given(st.data())
def test_any_change_to_an_archive_gives_files_or_a_refusal(data):
    changed = bytearray(HONEST)
    for _ in range(data.draw(st.integers(1, 6))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    _outcome(bytes(changed))


def _outcome(data: bytes) -> None:
    """Nothing but our own two errors may come out, and nothing larger than the limit."""
    with suppress(ArchiveError):
        for entry in zipped.of_bytes(data, SMALL):
            with suppress(RefusedError):
                assert len(entry.read()) <= SMALL.file
                assert bad_path(entry.path, SMALL) == ""


@given(st.text(min_size=1, max_size=40))
def test_a_path_that_is_not_refused_stays_below_its_folder(path):
    if not bad_path(path, SMALL):
        inside = os.path.normpath(os.path.join("/folder", path.replace("\\", "/")))  # noqa: PTH118
        assert inside.startswith("/folder/") or inside == "/folder"


def test_time_stamps_come_from_the_extra_field_in_utc_or_else_are_local():
    when = datetime(2026, 11, 20, 12, 30, 14, tzinfo=UTC)
    exact = zipfile.ZipInfo("exact", (2001, 1, 1, 0, 0, 0))
    exact.extra = struct.pack("<HHBi", 0x5455, 5, 1, int(when.timestamp()) + 1)
    rough = zipfile.ZipInfo("rough", (2026, 11, 20, 12, 30, 14))
    broken = zipfile.ZipInfo("broken", (2026, 13, 32, 25, 61, 0))
    listed = _listed(_zip((exact, b""), (rough, b""), (broken, b""), (zipfile.ZipInfo("none"), b"")))
    assert listed["exact"].stamp == when
    assert listed["rough"].stamp == datetime(2026, 11, 20, 12, 30, 14).astimezone()
    assert listed["broken"].stamp is listed["none"].stamp is None


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))


def _link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


@pytest.mark.parametrize("make", [_fifo, _socket, _link])
def test_in_a_folder_only_plain_files_are_read_and_links_not_followed(tmp_path, monkeypatch, make: Callable[[Path], None]):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain.ipynb").write_bytes(b"{}")
    make(tmp_path / "odd.ipynb")
    odd, plain = archive.entries(tmp_path)
    assert odd.refused == "not a plain file"
    assert plain.read() == b"{}"


def test_a_file_that_became_a_link_after_it_was_listed_is_not_followed(tmp_path):
    (tmp_path / "x.ipynb").write_bytes(b"{}")
    (entry,) = archive.entries(tmp_path)
    (tmp_path / "x.ipynb").unlink()
    (tmp_path / "x.ipynb").symlink_to("/etc/passwd")
    with pytest.raises(RefusedError, match="cannot be read"):
        entry.read()


def test_a_folder_that_holds_itself_a_deep_one_and_a_large_file_are_all_listed(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "/".join("d" * 20)).mkdir(parents=True)
    with (tmp_path / "large.ipynb").open("wb") as stream:
        stream.truncate(500 << 20)  # no space on the disk
    reasons = {entry.path: entry.refused for entry in archive.entries(tmp_path)}
    assert reasons["loop"] == "not a plain file"
    assert reasons["large.ipynb"] == "larger than 20 MB"
    assert "too deep" in reasons["/".join("d" * 13)]


VANISHING = """
import os, sys
from pathlib import Path
from workbench.grading.arrivals import archive
folder = Path(sys.argv[1])
sys.addaudithook(lambda event, found: event == "os.scandir" and str(found[0]).endswith("gone") and os.rmdir(found[0]))
print(*(f"{entry.path}:{entry.refused[:28]}" for entry in archive.entries(folder)), sep="\\n")
"""


def test_a_folder_that_cannot_be_read_is_listed_and_the_others_are_read(tmp_path):
    (tmp_path / "gone").mkdir()
    (tmp_path / "x.ipynb").write_bytes(b"{}")
    done = subprocess.run(
        [sys.executable, "-c", VANISHING, tmp_path], check=True, capture_output=True, text=True, timeout=600
    )
    assert done.stdout.splitlines() == ["gone:a folder that cannot be read", "x.ipynb:"]


def test_a_folder_with_too_many_entries_is_refused(tmp_path):
    for number in range(12):
        (tmp_path / str(number)).touch()
    with pytest.raises(ArchiveError, match="more than 10"):
        list(archive.entries(tmp_path, Caps(members=10)))


def test_a_source_that_cannot_be_opened_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.zip")
    for name in ("pipe.zip", "missing.zip"):
        with pytest.raises(ArchiveError, match="cannot be read"):
            list(archive.entries(tmp_path / name))
