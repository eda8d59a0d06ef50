"""What a zygote is: two tools that agree on it may have their kernels from the same one."""

from __future__ import annotations

import os
import platform
import site
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.files import digest_json
from workbench.warm.order import read_at_import

_DIGITS = 20  # of a digest; a socket's path has 107 bytes
_INSTALLED = (".dist-info", ".egg-info", ".egg-link", ".pth")
_STATUS = ("CapBnd", "CapEff", "Cpus_allowed", "Groups", "NoNewPrivs", "Seccomp")  # of /proc/self/status
_NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")


@dataclass(frozen=True)
class Identity:
    """What decides whether a zygote can serve.

    Attributes
    ----------
    wanted : str
        Digest of what it imports: list of modules, cap of memory. Zygotes of two lists are both of use.
    installed : str
        Digest of what there is to import, and by what: interpreter, packages, this package. At one place, a zygote of
        anything else than what is there today is out of date.
    place : str
        Digest of what the process that asks would hand on to a cold kernel: the interpreter's name, folders with packages,
        variables that a library may read when it is imported, processors, rights, limits, the machine. Zygotes at two
        places are both of use.
    """

    wanted: str
    installed: str
    place: str

    @property
    def key(self) -> str:
        """All in one, short enough for a file's name."""
        return digest_json([self.wanted, self.installed, self.place])[:_DIGITS]


def identify(modules: Sequence[str], *, environment: Mapping[str, str], executable: str, memory: int) -> Identity:
    """What a zygote would be that is started here and now; takes a few milliseconds.

    Parameters
    ----------
    modules : sequence of str
        What it imports, in order.
    environment : mapping
        The variables that its kernels are given.
    executable : str
        The interpreter, as the kernel's command names it.
    memory : int
        Bytes from which on it imports nothing more.
    """
    wanted = {"modules": list(modules), "memory": memory}
    place = {
        "interpreter": [executable, sys.prefix],
        "folders": _folders(environment),
        "variables": read_at_import(environment),
        "seed": hash_seed(environment),
        **_circumstances(),
    }
    return Identity(digest_json(wanted), installed(environment, executable=executable), digest_json(place))


def installed(environment: Mapping[str, str], *, executable: str) -> str:
    """Digest of what there is to import, and by what; see `Identity`."""
    return digest_json(
        {
            "interpreter": [str(Path(executable).resolve()), sys.version],
            "packages": [_installed(folder) for folder in _folders(environment)],
            "package": sorted(_stamps(Path(__file__).parent, (".py",))),
        }
    )


def _folders(environment: Mapping[str, str]) -> list[str]:
    path = [one for one in environment.get("PYTHONPATH", "").split(os.pathsep) if one]
    return list(dict.fromkeys([*site_folders(), *path]))


def hash_seed(environment: Mapping[str, str]) -> str:
    """The seed of the order of sets that is asked for; empty where any will do."""
    seed = environment.get("PYTHONHASHSEED", "")
    return "" if seed == "random" else seed


def site_folders() -> list[str]:
    """Where packages are installed, whatever the running tool has added for itself."""
    folders = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    return [*folders, site.getusersitepackages()] if site.ENABLE_USER_SITE else folders


def _installed(folder: str) -> list[str]:
    """The distributions in a folder, and what they add to the path; anew when one is installed, changed or removed."""
    return sorted(_stamps(Path(folder), _INSTALLED))


def _stamps(folder: Path, endings: tuple[str, ...]) -> Iterator[str]:
    with suppress(OSError), os.scandir(folder) as entries:  # a folder that is not there
        for entry in entries:
            if entry.name.endswith(endings):
                with suppress(OSError):  # one that is removed meanwhile
                    status = entry.stat(follow_symlinks=os.path.exists(entry.path))  # noqa: PTH110 - one call each
                    yield f"{entry.name} {status.st_mtime_ns} {status.st_size}"


def _circumstances() -> dict[str, object]:
    """What a process hands on to those it starts, beside its variables, and a zygote cannot give them later."""
    import resource  # not on Windows

    lines = (line.partition(":") for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    limits = [getattr(resource, name) for name in sorted(dir(resource)) if name.startswith("RLIMIT_")]
    return {
        "machine": [platform.node(), os.stat("/").st_dev, os.stat("/").st_ino],  # noqa: PTH116 - of one call each
        "namespaces": [_link(f"/proc/self/ns/{name}") for name in _NAMESPACES],
        "groups": _control_groups(),
        "status": {name: value.strip() for name, _, value in lines if name in _STATUS},
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "limits": [resource.getrlimit(one)[1] for one in limits],
    }


def _link(path: str) -> str:
    with suppress(OSError):
        return str(Path(path).readlink())
    return ""


def _control_groups() -> list[str]:
    """Its control groups; those within a user's own are not told apart, for each terminal has one."""
    own = f"/user-{os.getuid()}.slice"
    with suppress(OSError):
        text = Path("/proc/self/cgroup").read_text(encoding="utf-8")
        return ["".join(line.partition(own)[:2]) for line in text.splitlines()]
    return []
