"""Changing what is not the student's: tests, the gradebook, libraries, what the next submission will find."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from torture.case import Case, attack, earned, forgery

_TARGETS = (
    "HIDDEN",
    "CHECKS",
    "KEY",
    "HIDDENKEY",
    "SOLUTION",
    "GRADEBOOK",
    "PEER",
    "MANIFEST",
    "SECRET",
    "HOMEFILE",
    "DATA",
)

_CRIPPLED = earned("safe.code", "safe.table")  # it takes rights from itself that the questions after it may need

CASES: tuple[Case, ...] = (
    *(
        attack(f"writing-{name.lower()}", "writing", f"""
path = "@{name}@"
refused("append", lambda: open(path, "ab").write(b"x"))
refused("truncate", lambda: os.truncate(path, 0))
refused("replace", lambda: (open("mine", "w").close(), os.rename("mine", path)))
refused("remove", lambda: os.remove(path))
unchanged("chmod", path, lambda: os.chmod(path, 0o777))
unchanged("chown", path, lambda: os.chown(path, os.getuid(), os.getgid()))
unchanged("utime", path, lambda: os.utime(path))
unchanged("attribute", path, lambda: os.setxattr(path, "user.torture", b"x"))
refused("beside", lambda: open(os.path.dirname(path) + "/beside", "w"))
""", tools=True)
        for name in _TARGETS
    ),
    attack("writing-libraries", "writing", """
import json, numpy, site, sysconfig, workbench
for folder in {os.path.dirname(json.__file__), os.path.dirname(numpy.__file__), os.path.dirname(workbench.__file__), sysconfig.get_path("purelib"),
               sysconfig.get_path("stdlib"), os.path.dirname(sys.executable), "/usr/lib", "/usr/bin", "/etc", "/bin"}:
    refused(folder, lambda: open(f"{folder}/torture_was_here.py", "w").close())
    refused(folder + "/__pycache__", lambda: open(f"{folder}/__pycache__/torture_was_here.pyc", "w").close())
refused("json itself", lambda: open(json.__file__, "ab"))
refused("the interpreter", lambda: open(os.path.realpath(sys.executable), "r+b"))
""", tools=True),
    attack("writing-the-course", "writing", """
for folder, folders, files in os.walk("@COURSE@"):
    refused(folder, lambda: open(folder + "/torture_was_here", "w").close())
    for name in files:
        refused(name, lambda: open(os.path.join(folder, name), "r+b"))
refused("the course", lambda: open("@COURSE@/torture_was_here", "w").close())
""", tools=True),
    attack("writing-by-descriptor", "writing", """
# A file opened for reading, opened again for writing through /proc.
import json
with open(json.__file__) as file:
    refused("reopened", lambda: open(f"/proc/self/fd/{file.fileno()}", "r+b"))
    number = file.fileno()
    unchanged("by chmod", number, lambda: os.fchmod(number, 0o777))
    unchanged("by chown", number, lambda: os.fchown(number, 0, 0))
    unchanged("a time", number, lambda: os.utime(number))
    unchanged("an attribute", number, lambda: os.setxattr(number, "user.torture", b"x"))
    refused("hard link", lambda: os.link(json.__file__, "mine.py"))
""", tools=True),
    attack("links-out-of-the-scratch", "writing", """
import shutil, tarfile, io
for number, place in enumerate(("@COURSE@", "@ELSEWHERE@", "@HOME@", "/", "/tmp", "/etc")):
    try:
        os.symlink(place, f"out-{number}")
    except OSError as error:
        print(error)
        continue
    refused(place, lambda: open(f"out-{number}/torture_was_here", "w").close() or (1 / 0 if place == "/tmp" else None))
""", tools=True),
    attack("kernel-switches", "writing", """
for name, text in {"/proc/sys/kernel/core_pattern": "|/bin/sh", "/proc/sys/kernel/hostname": "owned", "/proc/sysrq-trigger": "h", "/proc/self/oom_score_adj": "-1000",
                   **{f"/proc/{pid}/oom_score_adj": "1000" for pid in OTHERS}, **{f"/proc/{pid}/mem": "x" for pid in OTHERS}, "/sys/kernel/mm/transparent_hugepage/enabled": "never", "/sys/fs/cgroup/cgroup.procs": "1",
                   "/proc/sys/vm/drop_caches": "1", "/proc/self/uid_map": "0 0 1", "/proc/self/attr/current": "x"}.items():
    refused(name, lambda: os.write(os.open(name, os.O_WRONLY), text.encode()))
""", tools=True),
    # Two that belong together: what the first leaves behind wherever it can, the second must not find.
    attack("leaving-marks", "writing", """
import glob, tempfile
mark = "torture-mark"
for folder in {"/tmp", "/var/tmp", "/dev/shm", "/run", "/dev", "/dev/mqueue", "/", os.getcwd(), os.path.dirname(os.getcwd()), tempfile.gettempdir(), os.path.expanduser("~"),
               os.environ.get("HOME", "/"), os.environ.get("XDG_CACHE_HOME", "/"), os.environ.get("MPLCONFIGDIR", "/"), os.environ.get("IPYTHONDIR", "/")}:
    try:
        with open(f"{folder}/{mark}", "w") as file:
            file.write("left")
        print("left in", folder)
    except OSError as error:
        print(folder, error)
import sys, builtins, json, numpy
builtins.torture_mark = numpy.torture_mark = json.torture_mark = sys.torture_mark = True
os.environ["TORTURE_MARK"] = "1"
import socket
socket.setdefaulttimeout(0.001)
os.umask(0o777)
os.nice(1)
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
""", "finished", "died", points=_CRIPPLED, killed=_CRIPPLED, either=frozenset({"safe.table"}), tools=True),
    attack("finding-marks", "writing", """
import tempfile, sys, builtins, json, numpy, socket, resource
for folder in {"/tmp", "/var/tmp", "/dev/shm", "/run", "/dev", "/dev/mqueue", "/", os.getcwd(), os.path.dirname(os.getcwd()), tempfile.gettempdir(), os.path.expanduser("~"),
               os.environ.get("HOME", "/"), os.environ.get("XDG_CACHE_HOME", "/"), os.environ.get("MPLCONFIGDIR", "/"), os.environ.get("IPYTHONDIR", "/")}:
    if os.path.lexists(f"{folder}/torture-mark"):
        print("BREACH a mark in", folder)
if any(hasattr(one, "torture_mark") for one in (sys, builtins, json, numpy)) or "TORTURE_MARK" in os.environ or socket.getdefaulttimeout():
    print("BREACH a mark in this process")
if resource.getrlimit(resource.RLIMIT_NOFILE)[0] <= 20:
    print("BREACH a limit was inherited")
""", tools=True),
    attack("history-and-profile", "writing", """
%cd ~
%history -g
%store mix
%save -f ~/torture_history 1
""", "finished", "died"),
    forgery("working-code-left-for-the-next", """
import os
for name in ("sitecustomize.py", "usercustomize.py", "workbench.py", "json.py", "conftest.py", "numpy.py", "startup.py"):
    for folder in (os.getcwd(), "/tmp", os.path.expanduser("~"), os.path.expanduser("~/.ipython/profile_default/startup")):
        try:
            os.makedirs(folder, exist_ok=True)
            with open(f"{folder}/{name}", "w") as file:
                file.write("print('BREACH imported'); raise SystemExit(0)")
        except OSError:
            pass
""", family="writing"),
)  # fmt: skip
