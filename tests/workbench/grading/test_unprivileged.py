"""The user as whom tests run commands that are not root's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import unprivileged

ASK = "import unprivileged; print(unprivileged.user(), flush=True); input()"


@pytest.mark.skipif(sys.platform != "linux", reason="names of sockets that lie in no folder are Linux's")
def test_no_two_processes_have_one_user(monkeypatch: pytest.MonkeyPatch) -> None:
    first = unprivileged.USERS[os.getpid() % len(unprivileged.USERS)]
    monkeypatch.setenv("PYTHONPATH", str(Path(unprivileged.__file__).parent))
    begin = f"import os; os.getpid = lambda: {first - unprivileged.USERS[0]}; "  # each would choose the same
    asked = [
        subprocess.Popen([sys.executable, "-c", begin + ASK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    users = [one.stdout.readline().strip() for one in asked if one.stdout]
    for one in asked:
        one.communicate("\n")
    assert len(set(users)) == 3
    assert all(int(user) in unprivileged.USERS for user in users)
