"""docs/cli.md and the command line say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from workbench.cli import application

REFERENCE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    yield " ".join(path), command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _walk(inner, (*path, name))


COMMANDS = dict(_walk(typer.main.get_command(application()), ("workbench",)))
LEAVES = {name: command for name, command in COMMANDS.items() if not getattr(command, "commands", None)}


def _section(name: str) -> str:
    """What stands below the heading of a command, up to the next heading."""
    found = re.search(rf"^##+ `{re.escape(name)}`\n(.*?)(?=^##|\Z)", REFERENCE, re.DOTALL | re.MULTILINE)
    assert found, f"docs/cli.md has no heading `{name}`"
    return found.group(1)


def _options(command: Any) -> set[str]:
    """The names of a command's options, with their short and negative forms."""
    options = (parameter for parameter in command.params if parameter.param_type_name == "option")
    return {name for option in options for name in (*option.opts, *option.secondary_opts)} - {"--help"}


def test_there_are_commands_to_describe() -> None:
    assert {"workbench build", "workbench run", "workbench check", "workbench data verify"} <= set(LEAVES)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"workbench"}))
def test_every_command_has_a_section(name: str) -> None:
    assert _section(name).strip()


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_every_option_is_described_and_no_other(name: str) -> None:
    table = [line.split("|")[1] for line in _section(name).splitlines() if line.startswith("|")]
    described = set(re.findall(r"(?<=`)--?[a-z][a-z-]*", " ".join(table)))
    assert described == _options(LEAVES[name])


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_every_command_has_an_example_that_its_options_allow(name: str) -> None:
    (block,) = re.findall(r"```sh\n(.*?)```", _section(name), re.DOTALL)
    for line in block.splitlines():
        assert line.startswith(name)
        assert set(re.findall(r"(?<= )--?[a-z][a-z-]*", line)) <= _options(LEAVES[name])


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_exit_codes_are_said_in_the_reference_and_start_with_success(name: str) -> None:
    assert re.search(r"^Exit codes: (0 |JupyterLab's own)", _section(name), re.MULTILINE)


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_the_help_of_every_command_ends_with_an_example(name: str) -> None:
    assert f"Example: {name}" in (LEAVES[name].help or "")


def test_the_reference_describes_no_command_that_is_gone() -> None:
    assert set(re.findall(r"^##+ `(workbench [^`]+)`", REFERENCE, re.MULTILINE)) == set(COMMANDS) - {"workbench"}
