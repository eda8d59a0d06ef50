"""A self-contained page of HTML: nothing is loaded, nothing runs."""

from __future__ import annotations

from html import escape

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def page(title: str, body: str, *, style: str = "") -> str:
    """The page.

    Parameters
    ----------
    title : str
        Plain text; escaped here. Stands in the head and as the heading.
    body : str
        HTML, whose texts are escaped already.
    style : str
        CSS rules.
    """
    return _PAGE.format(title=escape(title), style=style.strip(), body=body.strip())
