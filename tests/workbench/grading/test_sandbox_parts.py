"""The parts of the sandbox, each by itself: the filter, the view, the choice of a tier, the scratch folder."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.catalog import Catalog
from workbench.course import Course
from workbench.errors import GradingError
from workbench.grading.sandbox import privilege, scratch, seccomp, tiers, view
from workbench.grading.sandbox.ending import Ending
from workbench.grading.sandbox.limits import Limits
from workbench.grading.sandbox.usage import Tree

ALLOW, KILL, REFUSE, UNKNOWN = 0x7FFF_0000, 0x8000_0000, 0x0005_0000 | errno.EPERM, 0x0005_0000 | errno.ENOSYS
NOTHING = 0x0005_0000  # succeeds, and does nothing
ARCHITECTURES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
MACHINES = pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
words = st.integers(0, 2**32 - 1)


def decided(machine: str, number: int, *arguments: int, first: bool = True, architecture: int | None = None) -> int:
    """What the filter says to a call: the machine of seccomp(2), as its manual page describes it."""
    padded = [*arguments, *[0] * 6]
    data = {0: number, 4: ARCHITECTURES[machine] if architecture is None else architecture}
    data |= {16 + 8 * place: padded[place] & 0xFFFF_FFFF for place in range(6)}
    steps = seccomp.program(machine, first=first)
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        match code:
            case 0x20:
                accumulator = data[value]
            case 0x54:
                accumulator &= value
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x25:
                at += if_true if accumulator > value else if_false
            case 0x45:
                at += if_true if accumulator & value else if_false
            case 0x06:
                return value


def number(machine: str, pair: tuple[int, ...]) -> int:
    return pair[machine == "aarch64"]


CLONE, SOCKETPAIR, PRCTL, IOCTL, KILL_CALL = (56, 220), (53, 199), (157, 167), (16, 29), (62, 129)
READ, WRITE, MMAP, EXECVE, FUTEX, OPENAT = (0, 63), (1, 64), (9, 222), (59, 221), (202, 98), (257, 56)
CHMOD_BY_DESCRIPTOR, PRIORITY, LIMITS_OF, IO_PRIORITY = (91, 52), (141, 140), (302, 261), (251, 30)


@MACHINES
def test_the_filter_lets_ordinary_calls_through(machine):
    for pair in (READ, WRITE, MMAP, EXECVE, FUTEX, OPENAT):
        for first in (True, False):
            assert decided(machine, number(machine, pair), 1, 2, 3, first=first) == ALLOW


@MACHINES
def test_the_filter_refuses_every_call_of_its_table(machine):
    for name, pair in seccomp._REFUSED.items():
        one = pair[machine == "aarch64"]
        if one is not None:
            assert decided(machine, one, 1, 2, 3) == REFUSE, name
    assert decided(machine, 435) == UNKNOWN  # clone3


@MACHINES
def test_calls_of_another_architecture_end_the_process(machine):
    other = "aarch64" if machine == "x86_64" else "x86_64"
    for architecture in (ARCHITECTURES[other], 0x4000_0003, 0):
        assert decided(machine, 0, architecture=architecture) == KILL


@given(st.sampled_from(["x86_64", "aarch64"]), st.integers(457, 2**32 - 1), st.booleans())
def test_calls_that_the_table_does_not_know_do_not_exist(machine, call, first):
    assert decided(machine, call, first=first) == UNKNOWN  # the 32-bit calls of x86-64 as well: they have a high bit set


@given(st.sampled_from(["x86_64", "aarch64"]), words)
def test_a_process_is_cloned_only_into_the_same_namespaces(machine, flags):
    namespaces = 0x7E02_0080
    assert decided(machine, number(machine, CLONE), flags) == (REFUSE if flags & namespaces else ALLOW)


@given(st.sampled_from(["x86_64", "aarch64"]), st.integers(0, 50), words)
def test_pairs_of_sockets_are_unix_and_have_no_addresses(machine, family, kind):
    allowed = family == 1 and kind & 0xF in (1, 5)
    assert decided(machine, number(machine, SOCKETPAIR), family, kind) == (ALLOW if allowed else REFUSE)


@given(st.sampled_from(["x86_64", "aarch64"]), words)
def test_only_two_orders_to_devices_are_refused(machine, order):
    refused = order in (0x5412, 0x541C)
    assert decided(machine, number(machine, IOCTL), 0, order) == (REFUSE if refused else ALLOW)
    assert decided(machine, number(machine, IOCTL), 0, 0x5412) == REFUSE
    assert decided(machine, number(machine, PRCTL), 1) == REFUSE
    assert decided(machine, number(machine, PRCTL), 15) == ALLOW


@given(st.sampled_from(["x86_64", "aarch64"]), st.integers(0, 5), st.integers(0, 20), st.booleans())
def test_the_first_process_of_a_namespace_can_kill_itself(machine, process, signal, first):
    ends = first and process == 1 and signal == 9
    assert decided(machine, number(machine, KILL_CALL), process, signal, first=first) == (KILL if ends else ALLOW)


@given(st.sampled_from(["x86_64", "aarch64"]), words)
def test_without_namespaces_others_are_left_alone(machine, process):
    def asked(pair: tuple[int, int], *arguments: int) -> int:
        return decided(machine, number(machine, pair), *arguments, first=False)

    assert asked(CHMOD_BY_DESCRIPTOR, 3, 0) == NOTHING
    assert asked(LIMITS_OF, process) == (ALLOW if process == 0 else REFUSE)
    assert asked(PRIORITY, 0, process) == (ALLOW if process == 0 else REFUSE)
    assert asked(PRIORITY, 2, process) == REFUSE  # all of a user's
    assert asked(IO_PRIORITY, 1, process) == (ALLOW if process == 0 else REFUSE)
    assert asked(IO_PRIORITY, 3, process) == REFUSE


def test_no_filter_is_made_for_a_machine_without_a_table():
    with pytest.raises(OSError, match="no table of system calls for riscv64"):
        seccomp.program("riscv64", first=True)


def test_a_tier_is_chosen_by_what_is_required(monkeypatch):
    def probes(*working: str) -> None:
        monkeypatch.setattr(
            tiers, "_probe", lambda tier: tiers.Probe(tier, tier in working, "" if tier in working else "no")
        )

    probes("bubblewrap", "landlock", "plain")
    assert tiers.choose() == tiers.choose("landlock") == tiers.choose("bubblewrap") == "bubblewrap"
    probes("landlock", "plain")
    assert tiers.choose(None) == tiers.choose("") == tiers.choose("landlock") == "landlock"
    with pytest.raises(GradingError, match="of the tier `bubblewrap` or better"):
        tiers.choose("bubblewrap", allow_plain=True)
    probes("plain")
    with pytest.raises(GradingError, match="no sandbox") as refused:
        tiers.choose()
    assert "bubblewrap: no" in refused.value.tried
    with pytest.raises(GradingError, match="no sandbox"):
        tiers.choose("plain")
    assert tiers.choose(allow_plain=True) == "plain"
    with pytest.raises(GradingError, match="`jail` is not a tier"):
        tiers.choose("jail")


def secrets_of(course: Course) -> list[Path]:
    """A file in each folder that says what is right."""
    folders = (course.checks, course.hidden, course.solutions, course.keys, course.hidden_keys, course.exercise_notebooks)
    files = [folder / "secret" for folder in folders]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("secret")
    return files


def seen_of(readable: list[Path], paths: list[Path]) -> list[Path]:
    return [path for path in paths if any(path.is_relative_to(one) for one in readable)]


def test_the_view_of_a_course_holds_its_code_and_data_and_nothing_that_says_what_is_right(tea_course):
    secrets = secrets_of(tea_course)
    seen = view.view_of(tea_course, Catalog.load(tea_course.catalog).lessons)
    readable = seen.all_readable()
    needed = [tea_course.root / "src" / "tea" / "water.py", tea_course.root / "pyproject.toml"]
    assert seen_of(readable, needed) == needed
    assert seen_of(readable, secrets) == []
    assert seen.conflicts() == []
    assert seen.environment["PYTHONPATH"] == str(tea_course.root / "src")
    assert not {name for name in seen.environment if "TOKEN" in name or "SECRET" in name}


def test_secrets_beside_code_are_left_out(tea_course):
    course = replace(tea_course, sources=(tea_course.root,), checks=tea_course.root / "src" / "tea" / "checks")
    secrets = [*secrets_of(course), course.root / "gradebook.db", course.root / "inbox" / "one.ipynb"]
    for path in secrets[-2:]:
        path.parent.mkdir(exist_ok=True)
        path.write_text("secret")
    (course.root / "helper.py").write_text("code")
    readable = view.view_of(course, []).all_readable()
    assert seen_of(readable, secrets) == []
    assert course.root / "helper.py" in readable


def test_secrets_that_are_installed_with_the_course_are_masked(tea_course, tmp_path, monkeypatch):
    libraries = tmp_path / "site-packages"
    (libraries / "tea" / "checks").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(libraries))
    course = replace(tea_course, checks=tea_course.root / "src" / "tea" / "checks")
    seen = view.view_of(course, [])
    assert libraries in seen.all_readable()
    assert seen.conflicts() == [libraries / "tea" / "checks"]


def _put(path: Path, text: str = "secret") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_what_is_closed_is_left_out_of_data_and_code_and_the_rest_stays(tea_course):
    data, code = tea_course.datasets, tea_course.root / "src"
    book, inbox = _put(data / "deep" / "grades.sqlite"), _put(data / "inbox" / "00_water" / "s1" / "0001.ipynb")
    hidden, own = _put(code / "tea" / "mine" / "water.py"), _put(data / view.LOCAL / "own.csv")
    needed = [_put(data / "deep" / "leaves.csv"), _put(tea_course.artifacts / "00" / "cup.json"), code / "tea" / "water.py"]
    (data / "alias").symlink_to(inbox.parent)
    closed = view.exposed(tea_course, [book, data / "inbox", hidden.parent, tea_course.root / "elsewhere"])
    assert closed == [book, data / "inbox", hidden.parent]
    seen = view.view_of(tea_course, [], closed=closed)
    later = _put(data / "deep" / "grades.sqlite-journal")
    readable = seen.all_readable()
    assert seen_of(readable, needed) == needed
    assert seen_of(readable, [book, inbox, hidden, own, later]) == []
    assert seen.conflicts() == []


def test_data_of_which_nothing_is_closed_is_one_folder(tea_course):
    _put(tea_course.datasets / "leaves.csv")
    assert tea_course.datasets in view.view_of(tea_course, []).readable


def test_a_folder_that_submissions_need_cannot_be_closed(tea_course, tmp_path):
    _put(tea_course.datasets / "leaves.csv")
    (tmp_path / "inbox").symlink_to(tea_course.datasets)
    for path in (tea_course.datasets, tea_course.root / "src", tmp_path / "inbox"):
        with pytest.raises(GradingError, match=r"must not be read by submissions(.|\n)*elsewhere"):
            view.exposed(tea_course, [path])


def test_what_is_closed_beside_libraries_is_masked(tea_course, tmp_path, monkeypatch):
    libraries = tmp_path / "site-packages"
    book = _put(libraries / "grades.sqlite")
    monkeypatch.syspath_prepend(str(libraries))
    assert view.exposed(tea_course, [book]) == [book]
    assert view.view_of(tea_course, [], closed=[book]).conflicts() == [book]


def test_a_conflict_is_a_mask_within_what_is_readable(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "key").touch()
    (tmp_path / "b").touch()
    seen = view.View(readable=(tmp_path / "a",), masked=(tmp_path / "a" / "key", tmp_path / "b", tmp_path / "absent"))
    assert seen.conflicts() == [tmp_path / "a" / "key"]


def test_folders_that_only_their_owner_may_enter_are_found(tmp_path):
    outer = tmp_path / "outer"
    (outer / "inner" / "deep").mkdir(parents=True)
    (outer / "inner").chmod(0o700)
    outer.chmod(0o755)
    closed = privilege.closed_folders([outer / "inner" / "deep"])
    assert len(closed) == 1
    assert (outer / "inner").is_relative_to(closed[0])
    assert not closed[0].stat().st_mode & stat.S_IXOTH
    assert privilege.closed_folders([Path("/usr/bin")]) == []


names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda name: name not in (".", "..")
)
trees = st.recursive(
    st.one_of(st.binary(max_size=8), st.sampled_from(["/", "..", "absent"])),
    lambda inner: st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


def _grow(folder: Path, tree: object) -> None:
    for name, below in tree.items() if isinstance(tree, dict) else ():
        if isinstance(below, dict):
            (folder / name).mkdir()
            _grow(folder / name, below)
        elif isinstance(below, bytes):
            (folder / name).write_bytes(below)
        else:
            (folder / name).symlink_to(below)


@given(trees)
def test_any_scratch_folder_can_be_emptied(tmp_path_factory, tree):
    folder = tmp_path_factory.mktemp("scratch")
    _grow(folder, tree)
    scratch.make_anew(folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(scratch.FOLDERS)
    scratch.empty(folder)
    assert list(folder.iterdir()) == []


def test_the_deepest_and_the_most_closed_are_emptied_and_links_not_followed(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("precious")
    folder = tmp_path / "scratch"
    folder.mkdir()
    (folder / "link").symlink_to(kept)
    here = os.open(folder, os.O_RDONLY)
    for _ in range(1100):
        os.mkdir("d" * 100, dir_fd=here)
        here, above = os.open("d" * 100, os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(here)
    (folder / "closed").mkdir()
    (folder / "closed" / "inner").mkdir()
    (folder / "closed" / "inner").chmod(0)
    (folder / "closed").chmod(0)
    os.mkfifo(folder / "pipe")
    assert scratch.taken(folder, most=100)[1] > 100
    scratch.empty(folder)
    assert list(folder.iterdir()) == []
    assert (kept / "file").read_text() == "precious"


def test_what_lies_in_a_folder_is_counted_as_it_takes_space(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").write_bytes(os.urandom(100_000))
    with (tmp_path / "sparse").open("wb") as stream:
        stream.truncate(1 << 30)
    size, entries = scratch.taken(tmp_path, most=100)
    assert 100_000 <= size < 300_000
    assert entries == 3


def test_a_tree_of_processes_is_measured():
    proc = os.open("/proc", os.O_PATH)
    told, tell = os.pipe()
    ready, say = os.pipe()
    child = os.fork()
    if child == 0:
        os.fork()
        os.write(say, b"x")
        os.read(told, 1)
        os._exit(0)
    try:
        assert os.read(ready, 1) + os.read(ready, 1) == b"xx"
        both = Tree(child, proc).sample(enough=0)
        below = Tree(child, proc, below=True).sample(enough=0)
        quickly = Tree(child, proc).sample(enough=1 << 50)
    finally:
        os.write(tell, b"xx")
        os.waitpid(child, 0)
        for descriptor in (proc, told, tell, ready, say):
            os.close(descriptor)
    assert (both.processes, below.processes) == (2, 1)
    assert 0 < below.memory < both.memory
    assert both.exact
    assert not quickly.exact
    assert quickly.memory > both.memory  # shared pages counted twice


def test_limits_and_endings_cross_as_plain_data():
    limits = Limits(wall=1.5, memory=7)
    assert Limits.from_json(limits.to_json()) == limits
    ending = Ending("memory", -9)
    assert Ending.from_json(ending.to_json()) == ending
