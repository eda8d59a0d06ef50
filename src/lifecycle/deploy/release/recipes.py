"""The files around a package: a container recipe, what runs it, and the pipeline that leads there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    from collections.abc import Sequence

_IMAGE = re.compile(r"[a-z0-9][a-z0-9._/-]*")


def dockerfile(*, python: str = "3.11", package: str = "package.zip", port: int = 8000, digest: str | None = None) -> str:
    """Write the recipe of an image that serves one package.

    What changes least stands first, so that a new model does not install all libraries anew. The build context holds
    ``requirements.lock`` (a lock of the whole service), ``wheels/`` with this project, and the package; `ci_workflow` puts
    them there.

    Parameters
    ----------
    python : str
        Minor version of the base image.
    package : str
        File name of the package in the build context.
    port : int
        On which the service listens, 1024 to 65535: a user who is not root may open no lower one.
    digest : str, optional
        Of the package; with it the image refuses to start on any other.
    """
    _checked_port(port)
    sealed = f', "--digest", "{digest}"' if digest else ""
    return f"""\
FROM python:{python}-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app

COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY wheels/ wheels/
RUN pip install --no-cache-dir --no-deps --no-index wheels/*.whl

COPY {package} ./

RUN useradd --create-home --uid 10001 service
USER 10001
EXPOSE {port}
HEALTHCHECK --interval=10s --timeout=2s --retries=3 \\
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:{port}/ready', timeout=1)"]
CMD ["workbench", "serve", "{package}", "--host", "0.0.0.0", "--port", "{port}"{sealed}]
"""


def compose_file(*, name: str, version: str, port: int = 8000, versions: Sequence[str] = ()) -> str:
    """Write a compose file: one service, or several versions side by side, each on a loopback port of its own.

    Parameters
    ----------
    name : str
        Of the image: small letters, digits, dots, dashes.
    version : str
        Tag of the image; never ``latest``.
    port : int
        In the container; outside it counts up from there.
    versions : sequence of str
        Further versions, for blue and green.
    """
    _checked_port(port)
    if not _IMAGE.fullmatch(name):
        raise LifecycleError(f"`{name}` is no name of an image", remedy="use small letters, digits, dots and dashes")
    blocks = []
    for place, each in enumerate((version, *versions)):
        colour = ("blue", "green")[place] if place < 2 and versions else f"model-{place}" if place else "model"
        blocks.append(f"""\
  {colour}:
    image: {name}:{each}
    read_only: true
    tmpfs: [/tmp]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    restart: unless-stopped
    stop_grace_period: 20s
    ports: ["127.0.0.1:{port + place}:{port}"]
    deploy:
      resources:
        limits: {{cpus: "1.0", memory: 512M}}
""")
    return "services:\n" + "\n".join(blocks)


def ci_workflow(*, name: str, python: str = "3.11", gates: str = "high") -> str:
    """Write a CI workflow: tests, then gates, then an image, then a release that a person has to allow.

    Parameters
    ----------
    name : str
        Of the image.
    python : str
        Minor version to test with.
    gates : str
        Risk class, which decides which gates block.
    """
    return f"""\
name: release
on:
  push:
    branches: [main]
    tags: ["v*.*.*"]
  pull_request:
permissions:
  contents: read
concurrency:
  group: release-${{{{ github.ref }}}}
  cancel-in-progress: false
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 40
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {{python-version: "{python}"}}
      - run: python3 bootstrap.py test
  gates:
    needs: test
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {{python-version: "{python}"}}
      - run: python3 bootstrap.py
      - run: .venv/bin/workbench run 10_release --out evidence
      - uses: actions/upload-artifact@v4
        with: {{name: evidence, path: evidence, if-no-files-found: error}}
      - run: python3 -c "import json, sys; sys.exit(not json.load(open('evidence/artifacts/10/release.json'))['allowed'])"
  image:
    needs: gates
    if: startsWith(github.ref, 'refs/tags/v')
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    steps:
      - uses: actions/checkout@v4
      - run: |
          python3 -m pip wheel --no-deps --wheel-dir wheels .
          cp requirements/learn-py{python.replace(".", "")}.lock requirements.lock
          cp datasets/artifacts/07/package.zip .
      - run: docker build --tag {name}:${{{{ github.ref_name }}}} .
  release:
    needs: [gates, image]
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    environment: production
    steps:
      - run: echo "risk class {gates}, blue-green, ramp 5 % 25 % 50 % 100 %"
"""


def _checked_port(port: int) -> None:
    if not 1024 <= port <= 65535:
        raise LifecycleError(f"port {port} cannot be opened by a plain user", remedy="use 1024 to 65535")
