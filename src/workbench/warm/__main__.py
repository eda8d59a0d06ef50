"""``python -m workbench.warm``: the commands of ``workbench serve-kernels``, for a project that is no course."""

from __future__ import annotations

import sys

from workbench.errors import WorkbenchError


def main() -> None:
    """Run the command line; an expected error is printed without a traceback."""
    from workbench.cli.serve_kernels import application

    try:
        application("python -m workbench.warm")()
    except WorkbenchError as error:
        print(f"workbench: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
