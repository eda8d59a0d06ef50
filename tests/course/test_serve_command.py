"""What ``workbench serve`` refuses before it listens; that it serves is tested in ``test_serving_process``."""

from __future__ import annotations

import socket

import pytest
from typer.testing import CliRunner

from lifecycle.deploy import open_package
from workbench.cli import application
from workbench.errors import WorkbenchError

PACKAGE = "datasets/artifacts/07/package.zip"


def refused(*arguments):
    outcome = CliRunner().invoke(application(), ["serve", *map(str, arguments)])
    assert isinstance(outcome.exception, WorkbenchError)
    assert outcome.exception.exit_code == 2
    assert outcome.output == ""
    return str(outcome.exception)


@pytest.fixture
def package(request):
    return request.config.rootpath / PACKAGE


def test_a_package_that_was_changed_is_refused(package, tmp_path):
    data = bytearray(package.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "package.zip").write_bytes(data)
    assert "package.zip" in refused(tmp_path / "package.zip")


def test_another_package_than_the_one_expected_is_refused(package):
    digest = open_package(package).digest
    assert "its digest is" in refused(package, "--digest", digest[::-1])


def test_a_package_that_is_not_there_is_named(tmp_path):
    assert "nothing.zip" in refused(tmp_path / "nothing.zip")


def test_syncing_without_a_log_is_named(package):
    assert "--log" in refused(package, "--synced")


def test_a_taken_port_is_named(package):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}: the port is taken" in refused(package, "--port", port, "--no-reasons")


def test_a_log_that_is_none_is_named_before_it_listens(package, tmp_path):
    text = tmp_path / "log.txt"
    text.write_text("no database, and long enough to be taken for one at first sight" * 20)
    for place in (tmp_path, text):
        assert f"{place.name}: cannot be written" in refused(package, "--log", place, "--no-reasons", "--port", 0)
