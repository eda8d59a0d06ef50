"""The command line: each command is a thin layer over one public function of the engine.

A module here registers its commands in ``register(app)``; a course adds its own through the entry point
``workbench.commands``.
Exit codes: 0 done; 1 the work was done and found something wrong (a failing lesson, a stale file, a difference);
2 the request itself cannot be carried out (unknown lesson, wrong parameter, no course here).
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import entry_points

import typer

from workbench.errors import WorkbenchError

MODULES = (
    "build",
    "run",
    "check",
    "author",
    "environment",
    "release",
    "collect",
    "grade",
    "review",
    "report",
    "feedback",
    "gradebook",
    "regrade",
    "serve_kernels",
    "site",
)


def application() -> typer.Typer:
    """Build the application: the engine's commands and those of installed courses."""
    app = typer.Typer(
        name="workbench",
        help="Build, run, check and grade a notebook course.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def workbench() -> None:
        """Build, run, check and grade a notebook course."""

    for name in MODULES:
        import_module(f"workbench.cli.{name}").register(app)
    for entry in entry_points(group="workbench.commands"):
        entry.load()(app)
    return app


def main() -> None:
    """Run the command line; an expected error is printed without a traceback."""
    try:
        application()()
    except WorkbenchError as error:
        typer.echo(f"workbench: {error}", err=True)
        sys.exit(error.exit_code)
