"""An extension of the Jupyter server: the start page at ``/workbench/start``, for whoever may open notebooks there."""

from __future__ import annotations

from typing import Any

from workbench.course import Course

ADDRESS = "workbench/start"
MODULE = __name__


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": MODULE}]


def _load_jupyter_server_extension(app: Any) -> None:
    """Register the page; called by the server."""
    from jupyter_server.base.handlers import JupyterHandler
    from jupyter_server.utils import url_path_join
    from tornado import web

    from workbench.start import page, standing

    course = Course.find()
    base = app.web_app.settings["base_url"]
    open_at = url_path_join(base, "lab/tree", course.relative(course.work))

    class Start(JupyterHandler):
        @web.authenticated
        def get(self) -> None:
            self.set_header("Cache-Control", "no-store")  # going back to it shows what has been done meanwhile
            self.finish(page.page(standing.of(course), open_at=open_at))

    app.web_app.add_handlers(".*$", [(url_path_join(base, ADDRESS), Start)])
