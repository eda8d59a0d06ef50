"""A kernel specification whose kernels are warm, for tools that let one choose among kernels."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ipykernel
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from workbench.errors import WorkbenchError
from workbench.warm import client, defaults

_TITLE = "Python 3 (warm)"


class KernelSpecError(WorkbenchError):
    """A kernel specification that cannot be installed or found."""

    exit_code = 2


def specification(
    modules: Sequence[str],
    *,
    name: str = defaults.NAME,
    title: str = _TITLE,
    idle: float = defaults.IDLE,
    memory: int = defaults.MEMORY,
) -> dict[str, Any]:
    """The content of ``kernel.json``; see `install`."""
    config = {"modules": list(modules), "name": name, "idle": idle, "memory": memory}
    return {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": title,
        "language": "python",
        "metadata": {
            "debugger": True,
            "kernel_provisioner": {"provisioner_name": client.PROVISIONER, "config": config},
        },
    }


def install(
    modules: Sequence[str],
    *,
    name: str = defaults.NAME,
    title: str = _TITLE,
    user: bool = False,
    prefix: str | None = None,
    idle: float = defaults.IDLE,
    memory: int = defaults.MEMORY,
) -> Path:
    """Install a kernel specification for this interpreter, in place of an earlier one of the name.

    The ordinary kernel stays, and stays the default.

    Parameters
    ----------
    modules : sequence of str
        What its zygote imports; see `order.Plan`.
    name, title : str
        What tools and people call it.
    user : bool
        Whether it is for all environments of the user.
    prefix : str, optional
        The environment that it is for; this one by default.
    idle : float
        Seconds without work after which the zygote ends.
    memory : int
        Bytes of resident memory from which on the zygote imports nothing more.

    Returns
    -------
    Path
        Its folder.

    Raises
    ------
    KernelSpecError
        When the name cannot be used, or the folder cannot be written to.
    """
    pictures = Path(ipykernel.__file__).parent / "resources"
    with tempfile.TemporaryDirectory() as folder:
        spec = specification(modules, name=name, title=title, idle=idle, memory=memory)
        Path(folder, "kernel.json").write_text(json.dumps(spec, indent=1), encoding="utf-8")
        for picture in pictures.glob("logo-*"):
            shutil.copy(picture, folder)
        try:
            place = KernelSpecManager().install_kernel_spec(
                folder, kernel_name=name, user=user, prefix=None if user else prefix or sys.prefix
            )
        except (OSError, ValueError) as error:
            raise KernelSpecError(
                f"the kernel {name} cannot be installed: {error}", remedy="another --name, --user, or a --prefix of yours"
            ) from error
    return Path(place)


def modules_of(name: str = defaults.NAME) -> list[str]:
    """What the zygote of an installed specification imports.

    Raises
    ------
    KernelSpecError
        When there is none of that name, or it is not one of ours.
    """
    remedy = "workbench serve-kernels install"
    try:
        metadata = KernelSpecManager().get_kernel_spec(name).metadata
    except NoSuchKernel:
        raise KernelSpecError(f"no kernel {name} is installed", remedy=remedy) from None
    modules = metadata.get("kernel_provisioner", {}).get("config", {}).get("modules")
    if not isinstance(modules, list):
        raise KernelSpecError(f"the kernel {name} is an ordinary one", remedy=remedy)
    return [str(module) for module in modules]
