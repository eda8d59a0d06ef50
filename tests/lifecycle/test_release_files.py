"""Generated recipes have no objections, each rule notices its fault, and hosting costs are what a bill would say."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.deploy import (
    Cloud,
    Hybrid,
    OnPremises,
    break_even_load,
    ci_workflow,
    compose_file,
    dockerfile,
    lint_compose,
    lint_dockerfile,
    lint_workflow,
)
from lifecycle.errors import LifecycleError

TODAY = date(2026, 11, 1)


def rules(found):
    return {each.rule for each in found}


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_generated_dockerfile_has_no_objections(python):
    assert lint_dockerfile(dockerfile(python=python, port=8080), today=TODAY) == ()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("python:3.11-slim-bookworm", "python", "tag"),
        ("python:3.11-slim-bookworm", "python:latest", "tag"),
        ("python:3.11-slim-bookworm", "python:3.9-slim", "end-of-life"),
        ("python:3.11-slim-bookworm", "python:3.11", "slim"),
        (" --require-hashes -r requirements.lock", " numpy", "unpinned"),
        ("RUN useradd", "RUN curl -s x | sh && useradd", "pipe"),
        ("RUN useradd", "RUN apt-get install -y git && useradd", "apt-lists"),
        ("COPY package.zip ./", "ADD package.zip ./", "add"),
        ("ENV PYTHONDONTWRITEBYTECODE=1", "ENV API_KEY=abcdefg", "secret"),
        ('CMD ["workbench", "serve", "package.zip", "--host", "0.0.0.0", "--port", "8000"]', "CMD workbench serve", "shell"),
        ('"0.0.0.0", "--port"', '"0.0.0.0", "--reload", "--port"', "development"),
        ("EXPOSE 8000", "EXPOSE 5000", "port"),
        ("EXPOSE 8000\n", "", "port"),
        ("USER 10001\n", "", "root"),
        ("USER 10001", "USER root", "root"),
        ("WORKDIR /app\n", "", "workdir"),
        ("COPY requirements.lock ./", "COPY . .", "order"),
    ],
)
def test_each_fault_of_a_dockerfile_is_named(old, new, rule):
    text = dockerfile()
    assert old in text
    assert rule in rules(lint_dockerfile(text.replace(old, new), today=TODAY))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FROM", "base"),
        ("FROM --platform=linux/amd64", "base"),
        ("FROM --platform=linux/amd64 python:3.8-slim", "end-of-life"),
        ("FROM --platform=linux/amd64 python", "tag"),
        ("FROM python:3.13-slim AS build\nFROM other AS final", "tag"),
        ("COPY --chown=app . /app\nRUN pip install .", "order"),
        ('EXPOSE 8000 9000\nCMD ["serve", "--port", "8080"]', "port"),
        ('EXPOSE 8000-8002\nCMD ["serve", "--port", "8003"]', "port"),
    ],
)
def test_faults_are_seen_behind_flags_and_lists(text, rule):
    assert rule in rules(lint_dockerfile(text, today=TODAY))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FROM python:3.13-slim AS build\nFROM build AS final", "tag"),
        ("FROM scratch", "tag"),
        ("COPY", "order"),
        ("COPY --chown=app", "order"),
        ("COPY --from=build . /app\nRUN pip install .", "order"),
        ('EXPOSE 8000 9000/tcp\nCMD ["serve", "--port", "9000"]', "port"),
        ('EXPOSE 8000-8002\nCMD ["serve", "--port", "8001"]', "port"),
        ('EXPOSE $PORT\nCMD ["serve", "--port", "8001"]', "port"),
    ],
)
def test_what_is_in_order_is_not_objected_to(text, rule):
    assert rule not in rules(lint_dockerfile(text, today=TODAY))


WORDS = st.sampled_from(
    ["FROM", "COPY", "EXPOSE", "CMD", "RUN", "AS", "--port", "-p", "--from=a", "8000", "0-²", ":", "a:b", "[", "\\"]
)


@given(st.lists(st.lists(WORDS, max_size=4).map(" ".join), max_size=5).map("\n".join))
def test_no_unfinished_dockerfile_breaks_its_linter(text):
    lint_dockerfile(text, today=TODAY)


def test_a_dockerfile_of_nothing_lacks_everything():
    assert rules(lint_dockerfile("# nothing\n", today=TODAY)) >= {"base", "healthcheck", "root", "start", "port"}


def test_an_image_by_digest_needs_no_tag():
    text = dockerfile().replace("python:3.11-slim-bookworm", "python@sha256:" + "a" * 64)
    assert lint_dockerfile(text, today=TODAY) == ()


def test_the_age_of_a_base_is_judged_by_the_day():
    text = dockerfile(python="3.10")
    assert lint_dockerfile(text, today=date(2026, 1, 1)) == ()
    assert rules(lint_dockerfile(text, today=TODAY)) == {"end-of-life"}


def test_an_image_can_be_tied_to_one_package():
    text = dockerfile(digest="ab" * 32)
    assert f'"--digest", "{"ab" * 32}"]' in text
    assert lint_dockerfile(text, today=TODAY) == ()


def test_a_port_that_needs_root_is_refused():
    with pytest.raises(LifecycleError, match="port 80"):
        dockerfile(port=80)


def test_the_generated_compose_file_has_no_objections_and_two_colours():
    text = compose_file(name="credit-risk", version="1.0.0", versions=["1.1.0"])
    services = yaml.safe_load(text)["services"]
    assert lint_compose(text) == ()
    assert {name: service["image"] for name, service in services.items()} == {
        "blue": "credit-risk:1.0.0",
        "green": "credit-risk:1.1.0",
    }
    assert [service["ports"] for service in services.values()] == [["127.0.0.1:8000:8000"], ["127.0.0.1:8001:8000"]]
    with pytest.raises(LifecycleError, match="no name of an image"):
        compose_file(name="Credit Risk", version="1.0.0")


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("credit-risk:1.0.0", "credit-risk:latest", "tag"),
        ("read_only: true", "privileged: true", "privileged"),
        ("tmpfs: [/tmp]", "volumes: [/var/run/docker.sock:/var/run/docker.sock]", "socket"),
        ("    restart: unless-stopped\n", "", "restart"),
        (", memory: 512M", "", "memory"),
        ("127.0.0.1:8000:8000", "8000:8000", "loopback"),
        ("    tmpfs: [/tmp]", "    environment: {DB_PASSWORD: hunter22}", "secret"),
        ("    tmpfs: [/tmp]", "    environment: [DB_PASSWORD=hunter22]", "secret"),
        ("services:", "services: [", "yaml"),
    ],
)
def test_each_fault_of_a_compose_file_is_named(old, new, rule):
    text = compose_file(name="credit-risk", version="1.0.0")
    assert old in text
    assert rule in rules(lint_compose(text.replace(old, new)))


OPEN = ["80", "80:80", "0.0.0.0:80:80", "[::]:80:80", "10.0.0.1:80:80", "${HOST}:80:80", 80, {"target": 80, "published": 80},
        {"target": 80, "published": 80, "host_ip": "0.0.0.0"}]  # fmt: skip
CLOSED = ["127.0.0.1:80:80", "127.0.0.1::80", "127.0.0.2:8000-8001:80-81/tcp", "[::1]:80:80",
          {"target": 80, "published": "80", "host_ip": "127.0.0.1"}]  # fmt: skip


@pytest.mark.parametrize(("port", "is_open"), [(each, True) for each in OPEN] + [(each, False) for each in CLOSED])
def test_a_port_is_for_this_machine_alone_or_is_objected_to(port, is_open):
    text = yaml.safe_dump({"services": {"one": {"ports": [port]}}})
    assert ("loopback" in rules(lint_compose(text))) == is_open


def test_the_generated_workflow_has_no_objections():
    text = ci_workflow(name="credit-risk", python="3.13")
    assert lint_workflow(text) == ()
    assert yaml.safe_load(text)["jobs"]["release"]["needs"] == ["gates", "image"]
    assert "requirements/learn-py313.lock" in text


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("permissions:\n  contents: read\n", "", "permissions"),
        ("runs-on: ubuntu-24.04", "runs-on: ubuntu-latest", "runner"),
        ("    timeout-minutes: 40\n", "", "timeout"),
        ("needs: test", "needs: tests", "needs"),
        ("actions/checkout@v4", "actions/checkout", "action"),
        ("actions/checkout@v4", "actions/checkout@main", "action"),
        ("    needs: [gates, image]\n", "", "order"),
        ("    environment: production\n", "", "order"),
        ("    needs: test\n", "", "order"),
        ("on:\n  push:\n", "when:\n  push:\n", "trigger"),
        ("python3 bootstrap.py test", "TOKEN=abcdef python3 bootstrap.py test", "secret"),
        ("jobs:", "jobs: []\nother:", "jobs"),
    ],
)
def test_each_fault_of_a_workflow_is_named(old, new, rule):
    text = ci_workflow(name="credit-risk")
    assert old in text
    assert rule in rules(lint_workflow(text.replace(old, new)))


@given(st.text(max_size=300))
def test_no_text_breaks_a_linter(text):
    lint_dockerfile(text, today=TODAY)
    lint_compose(text)
    lint_workflow(text)


PLAIN = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["test", "image", "a@b", "x:latest"])
NAMES = st.sampled_from(
    [
        "services",
        "jobs",
        "deploy",
        "steps",
        "needs",
        "uses",
        "image",
        "ports",
        "volumes",
        "environment",
        "resources",
        "limits",
    ]
)
NESTED = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


@given(st.dictionaries(NAMES, NESTED, max_size=3))
def test_no_mapping_breaks_a_linter(content):
    for made in (content, {"jobs": {"deploy": content}, "services": {"one": content}}):
        lint_compose(yaml.safe_dump(made))
        lint_workflow(yaml.safe_dump(made))


OWN = OnPremises(price=3_600, months=36, upkeep=100, staff=1_000, rps=100, spare=1)
RENTED = Cloud(hourly=1, staff=500, rps=50, at_least=1)


def test_costs_are_those_of_a_bill_by_hand():
    assert OWN.servers([50, 250]) == 4
    assert OWN.monthly([50, 250]) == 4 * (100 + 100) + 1_000
    assert RENTED.instances([0, 50, 51]) == [1, 1, 2]
    assert RENTED.monthly([0, 50, 51]) == pytest.approx(4 / 3 * 730 + 500)
    both = Hybrid(OWN, RENTED, base=100)
    assert both.monthly([100, 150]) == pytest.approx((2 * 200 + 1_000) + (0.5 * 730 + 500))


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=24), st.floats(0, 1000))
def test_more_load_never_costs_less(load, more):
    heavier = [each + more for each in load]
    for place in (OWN, RENTED):
        assert place.monthly(heavier) >= place.monthly(load)


@pytest.mark.parametrize("shape", [[1.0] * 24, [0.5] * 12 + [1.5] * 12])
def test_from_the_break_even_on_owning_is_cheaper(shape):
    found = break_even_load(OWN, RENTED, shape=shape, step=1, highest=3000)
    assert found is not None
    for mean, cheaper in ((found, True), (found + 500, True), (found - 1, False)):
        load = [mean * each for each in shape]
        assert (OWN.monthly(load) < RENTED.monthly(load)) is cheaper


def test_with_a_peak_owning_may_never_be_cheaper():
    assert break_even_load(OWN, Cloud(hourly=0.05, staff=0, rps=50), shape=[0.1] * 23 + [22]) is None
    for shape in ([0.0], []):
        with pytest.raises(LifecycleError):
            break_even_load(OWN, RENTED, shape=shape)
