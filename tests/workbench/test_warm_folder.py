"""The folder of the sockets is the user's alone, and what the dead have left in it goes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.warm import client, folder, keeper
from workbench.warm.client import NotWarm

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the folder is to be, whose path is short."""
    runtime = tempfile.mkdtemp(prefix="wb-")
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    yield Path(runtime) / "workbench-warm"
    shutil.rmtree(runtime)


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o702])
def test_a_folder_that_others_may_use_is_refused(place, mode):
    place.mkdir(parents=True)
    place.chmod(mode)
    with pytest.raises(NotWarm, match="must be this user's"):
        keeper.ask(["json"])


def test_a_folder_of_somebody_else_is_refused(place, monkeypatch):
    place.mkdir(mode=0o700)
    with monkeypatch.context() as patch:
        patch.setattr(os, "getuid", lambda: 12345)
        with pytest.raises(NotWarm, match="must be this user's"):
            folder.find()


def test_a_link_in_place_of_the_folder_is_refused(place, tmp_path):
    place.symlink_to(tmp_path)
    with pytest.raises(NotWarm, match="must be this user's"):
        folder.find()
    place.unlink()


def test_the_folder_is_where_a_sockets_path_has_room(place, monkeypatch, tmp_path):
    long = tmp_path / ("x" * 80)
    long.mkdir()
    with monkeypatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(long))
        patch.setenv("XDG_CACHE_HOME", str(place.parent))
        assert folder.find() == place.parent / "workbench" / "warm"


def test_what_a_killed_one_has_left_goes_and_its_last_words_after_a_day(place):
    found = folder.find()
    with client.listening(found / "runs.socket"):
        for key in ("runs", "old", "new"):
            for suffix in ("json", "log", "importing"):
                (found / f"{key}.{suffix}").touch()
                os.utime(found / f"{key}.{suffix}", None if key == "new" else (1, 1))
            if key != "runs":
                with client.listening(found / f"{key}.socket"):
                    pass
        folder.tidy(found)
        left = sorted(entry.name for entry in found.iterdir())
    assert left == ["new.importing", "new.json", "new.log", "runs.importing", "runs.json", "runs.log", "runs.socket"]
