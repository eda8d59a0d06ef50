"""A case of the torture set: a submission, and what must come of it."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torture.sheet import POINTS, VISIBLE, Sheet

TRIED = "TRIED"  # printed by an attack that came to its end, so that none passes because it never ran
BREACH = "BREACH"  # printed by an attack that succeeded

TOOLS = '''
import ctypes, os, sys

_libc = ctypes.CDLL(None, use_errno=True)


def refused(what, action):
    """Whatever `action` does must raise; where it does not, the wall has a hole."""
    try:
        done = action()
    except BaseException as error:
        print("refused:", what, type(error).__name__, error)
    else:
        print("BREACH", what, repr(done)[:300])


def unchanged(what, path, action):
    """`action` may pretend to do something, where the sandbox has it do nothing, but must not do it."""
    def seen():
        try:
            facts = os.stat(path)
            names = os.listxattr(path)
        except OSError:
            return None
        return facts.st_mode, facts.st_uid, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_size, names
    before = seen()
    try:
        action()
    except OSError as error:
        print("refused:", what, error)
    if seen() != before:
        print("BREACH", what, before, seen())


def denied(what, number, *arguments):
    """The system call must fail."""
    ctypes.set_errno(0)
    done = _libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if done == -1:
        print("denied:", what, os.strerror(ctypes.get_errno()))
    else:
        print("BREACH", what, done)


def pids():
    """Other processes that can be seen from here."""
    try:
        return [int(name) for name in os.listdir('/proc') if name.isdigit() and int(name) != os.getpid()]
    except OSError:
        return []


OTHERS = {pid for pid in (1, os.getppid()) if pid not in (0, os.getpid())}  # a first process of a namespace has no parent in it
NR = {  # x86_64, aarch64
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "unshare": (272, 97),
    "setns": (308, 268), "clone": (56, 220), "clone3": (435, 435), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "bpf": (321, 280), "perf_event_open": (298, 241), "keyctl": (250, 219),
    "add_key": (248, 217), "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "mq_open": (240, 180), "msgget": (68, 186), "socket": (41, 198), "setuid": (105, 146), "setgid": (106, 144),
    "init_module": (175, 105), "kexec_load": (246, 104), "swapon": (167, 224), "reboot": (169, 142), "acct": (163, 89),
    "settimeofday": (164, 170), "sethostname": (170, 161), "fsopen": (430, 430), "open_tree": (428, 428),
    "move_mount": (429, 429), "mount_setattr": (442, 442), "pidfd_getfd": (438, 438), "process_madvise": (440, 440),
    "kcmp": (312, 272), "personality": (135, 92), "prlimit64": (302, 261), "lookup_dcookie": (212, 18), "fanotify_init": (300, 262),
}
NR = {name: pair[0 if os.uname().machine == "x86_64" else 1] for name, pair in NR.items()}
'''

SHORT = 3.0  # seconds by the clock: for what would sleep for ever, and earns nothing however little of it comes to be run
BRIEF = 3.0  # seconds of processor time, of which a busy machine takes none away: for what would work for ever
# For what a cell's own limit ends: nobody has to wait for that, since its alarm can be set sooner.
HURRY = "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.5, 5)\n"
Build = Callable[[Sheet, Mapping[str, str]], bytes]


@dataclass(frozen=True)
class Case:
    """One submission.

    Attributes
    ----------
    name, family : str
        What it is called, unique; and what kind of thing it tries.
    build : callable
        Makes the file from the released exercise and the places (see `canaries`) that an attack aims at.
    points : mapping
        What each question must earn, exactly, when the process lived to its end; one that is not named earns nothing.
    killed : mapping
        The same for every other ending: what was judged before stands, and nothing after it earns anything. Where an attack
        may also come to its end, it may be ended later than that: then what is judged meanwhile stands as well.
    either : frozenset of str
        Questions that may earn nothing or everything: right answers from a process that has done itself harm.
    endings : frozenset of str
        How the process may end.
    flags : frozenset of str
        Kinds of flag that must be raised.
    refused : bool
        Whether it must not even be read (`IntakeError`).
    proof : bool
        Whether its output must hold `TRIED`.
    wall, cpu : float
        Seconds that it may take, by the clock and of processor time; a cell may take half of the smaller one. Ample, so that
        a busy machine changes nothing, but for what only waits to be ended (`SHORT`, `BRIEF`).
    """

    name: str
    family: str
    build: Build
    points: Mapping[str, float] = field(default_factory=dict)
    killed: Mapping[str, float] = field(default_factory=dict)
    either: frozenset[str] = frozenset()
    endings: frozenset[str] = frozenset({"finished"})
    flags: frozenset[str] = frozenset()
    refused: bool = False
    proof: bool = False
    wall: float = 120.0
    cpu: float = 60.0

    def expected(self, ending: str) -> dict[str, float]:
        """The points of every question after such an ending."""
        points = self.points if ending == "finished" else self.killed
        return {slug: points.get(slug, 0.0) for slug in POINTS}

    def deserves(self, earned: Mapping[str, float | None], ending: str) -> bool:
        """Whether these are the points of such an ending, in any order of events that there may be."""
        tables = [self.expected(ending)]
        if ending != "finished" and "finished" in self.endings:
            whole = self.expected("finished")
            cuts = (
                {slug: points if place < cut else 0.0 for place, (slug, points) in enumerate(whole.items())}
                for cut in range(len(whole) + 1)
            )
            tables += [cut for cut in cuts if all(cut[slug] >= points for slug, points in tables[0].items())]
        free = {slug for slug in self.either if earned.get(slug) in (0, POINTS[slug])}
        return any(all(earned.get(slug) == points for slug, points in one.items() if slug not in free) for one in tables)


def filled(source: str, places: Mapping[str, str]) -> str:
    """`source` with each ``@NAME@`` replaced by the place of that name."""
    for name, place in places.items():
        source = source.replace(f"@{name}@", place)
    return source


def earned(*slugs: str) -> dict[str, float]:
    """Full points for these questions."""
    return {slug: POINTS[slug] for slug in slugs}


def everything(*without: str) -> dict[str, float]:
    """Full points for all but these; whoever does not answer `safe.mix` has no points for the hidden question either."""
    gone = {*without, *(("safe.mix_elsewhere",) if "safe.mix" in without else ())}
    return {slug: points for slug, points in POINTS.items() if slug not in gone}


def attack(
    name: str, family: str, source: str, *endings: str, at: str = "safe.mix", tools: bool = False, **rest: Any
) -> Case:
    """An honest submission, but for the answer `at`, which is `source`: the others must earn what they deserve.

    Without `endings` it must live to its end, and prove that it has run.
    """
    text = f"{TOOLS if tools else ''}{source}"

    def build(sheet: Sheet, places: Mapping[str, str]) -> bytes:
        return sheet.honest(at).answer(at, filled(text, places) + f'\nprint("{TRIED}")\n').bytes()

    usual = {
        "points": everything(at),
        "killed": earned(*VISIBLE[: VISIBLE.index(at)]),
        "endings": frozenset(endings or ("finished",)),
        "proof": not endings,
    }
    return Case(name, family, build, **{**usual, **rest})


def forgery(
    name: str, source: str, *, family: str = "forging", answers: Mapping[str, str] | None = None, **rest: Any
) -> Case:
    """A submission without a single right answer that tries to earn points by other means, and must earn none."""

    def build(sheet: Sheet, places: Mapping[str, str]) -> bytes:
        sheet.first(filled(source, places) + f'\nprint("{TRIED}")\n')
        for slug in VISIBLE:  # empty, so that no stub takes the place of what the first cell has made
            sheet.answer(slug, filled((answers or {}).get(slug, ""), places))
        return sheet.bytes()

    return Case(name, family, build, **{"proof": True, **rest})
