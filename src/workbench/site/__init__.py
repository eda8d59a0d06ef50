"""The course as a folder of web pages that needs neither a server nor a network: `build` writes it, `broken` checks it.

``notebook`` renders a built notebook, ``course_map`` says what stands on the first page, ``search`` collects what can be
found, ``pages`` puts a page together, ``folder`` writes them all, ``links`` looks whether every link leads somewhere.
"""

from __future__ import annotations

from workbench.site.folder import Site, build
from workbench.site.links import Broken, broken

__all__ = ["Broken", "Site", "broken", "build"]
