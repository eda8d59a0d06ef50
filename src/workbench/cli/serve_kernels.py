"""``workbench serve-kernels``: warm kernels for every Jupyter tool."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from workbench.warm import defaults

Modules = Annotated[str, typer.Option("--modules", help="Libraries to load ahead of time, as in pandas,sklearn.ensemble.")]
From = Annotated[
    list[Path] | None,
    typer.Option(
        "--from", help="Notebook, or folder with notebooks, whose libraries are loaded; can be repeated.", exists=True
    ),
]
Name = Annotated[str, typer.Option("--name", help="What tools call the kernel.")]


def register(app: typer.Typer) -> None:
    """Register commands."""
    app.add_typer(application(), name="serve-kernels")


def application(name: str | None = None) -> typer.Typer:
    """The commands alone; they need no course."""
    app = typer.Typer(
        name=name,
        help="Warm kernels, forked from a process that has its libraries loaded.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.command("install")(install)
    app.command("status")(status)
    app.command("stop")(stop)
    app.command("run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(run)
    return app


def install(
    *,
    name: Name = defaults.NAME,
    user: Annotated[bool, typer.Option("--user", help="For all environments of yours.")] = False,
    sys_prefix: Annotated[bool, typer.Option("--sys-prefix", help="For this environment (the default).")] = False,
    prefix: Annotated[str | None, typer.Option("--prefix", help="For the environment in this folder.")] = None,
    modules: Modules = "",
    notebooks: From = None,
    idle: Annotated[
        float, typer.Option("--idle", min=1, help="Seconds without kernels after which the process ends.")
    ] = defaults.IDLE,
    memory_mb: Annotated[
        int, typer.Option("--memory-mb", min=64, help="Memory from which on it loads no more.")
    ] = defaults.MEMORY >> 20,
) -> None:
    """Install a kernel that any Jupyter tool can choose; the ordinary one stays the default.

    Exit codes: 0 it is installed; 2 it cannot be.

    Example: workbench serve-kernels install --from notebooks
    """
    from workbench.warm import kernelspec, serving

    if user + sys_prefix + (prefix is not None) > 1:
        raise typer.BadParameter("only one of --user, --sys-prefix and --prefix")
    wanted = serving.modules(serving.checked(modules.split(",")), notebooks or ())
    folder = kernelspec.install(wanted, name=name, user=user, prefix=prefix, idle=idle, memory=memory_mb << 20)
    typer.echo(f"{folder}: {len(wanted)} module{'s' * (len(wanted) != 1)} to load ahead of time")


def status(*, as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")] = False) -> None:
    """Show what runs: processes with libraries loaded, their kernels, and the memory of each.

    Exit codes: 0 it is shown; 1 the folder of the sockets may be used by others.

    Example: workbench serve-kernels status
    """
    from workbench.warm import serving, status

    found = status.statuses()
    if as_json:
        typer.echo(json.dumps([one.to_dict() for one in found], indent=1))
    else:
        typer.echo("\n".join(line for one in found for line in serving.lines(one)) or "nothing runs")


def stop(*, now: Annotated[bool, typer.Option("--now", help="End running kernels, too.")] = False) -> None:
    """End what runs, each process with its last kernel.

    Exit codes: 0 all have ended; 1 some wait for their kernels.

    Example: workbench serve-kernels stop --now
    """
    from workbench.warm import status

    ended, left = status.stop(now=now)
    typer.echo(f"{ended} ended" + (f", {left} will end with their kernels" if left else ""))
    raise typer.Exit(1 if left else 0)


def run(
    command: Annotated[list[str], typer.Argument(help="Any tool that starts kernels, with its arguments.")],
    *,
    name: Name = defaults.NAME,
    modules: Modules = "",
    notebooks: From = None,
    alone: Annotated[bool, typer.Option("--alone", help="Share the loaded libraries with no other command.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Wait for the libraries; where it can be warm, an ordinary kernel is an error.")
    ] = False,
) -> None:
    """Run a command whose Python kernels are warm; they end with it.

    Loaded are the libraries of --modules and --from, else those of the course here, else those of the installed kernel.

    Exit codes: 0 and all others are the command's; 2 also when it cannot be started; 1 also when it is --strict in vain.

    Example: workbench serve-kernels run -- papermill in.ipynb out.ipynb
    """
    from workbench.warm import serving

    wanted = serving.modules(modules.split(","), notebooks or (), name=name)
    serving.run(command, wanted, name=name, alone=alone, strict=strict)
