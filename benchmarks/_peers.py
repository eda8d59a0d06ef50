"""Peers that do not live with our lock: an environment of their own each, made on first use."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "runs" / "peers"


def environment(name: str, *packages: str) -> Path:
    """The folder of programs of a virtual environment with `packages`, and behind them everything that this one has.

    So a peer runs students' code with the same libraries, and only what it brings itself differs.
    """
    folder = PLACE / name
    if not (folder / "ready").is_file():
        print(f"making an environment for {name}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", *packages], check=True)
        site = next((folder / "lib").glob("python*/site-packages"))
        (site / "behind.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT / 'src'}\n", encoding="utf-8")
        (folder / "ready").touch()
    return folder / "bin"
