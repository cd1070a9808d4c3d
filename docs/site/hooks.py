"""What mkdocs calls: pages that lie elsewhere or are generated, and the links to them."""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT))

from docs.site.command_page import command_page  # noqa: E402  (the checkout is on the path now)
from docs.site.links import ELSEWHERE, lead_links  # noqa: E402
from docs.site.notebook_pages import NotebookPage, gallery, notebook_pages  # noqa: E402
from docs.site.reference_page import reference_page  # noqa: E402
from docs.site.settings_table import settings_table  # noqa: E402

_LOG = logging.getLogger("mkdocs.hooks.hwsim")
#: Stands in a page where the table of all settings goes.
_SETTINGS = "<!-- settings of all machines -->"

#: The first page stands alone in its section.
_WITHOUT_SIDEBAR = "---\nhide: [navigation]\n---\n"
#: What docstrings say in Sphinx's terms before a name.
_ROLE = re.compile(r":(?:func|class|meth|mod|data|attr):(?=<code>|`)")


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that do not lie in ``docs/``."""
    for source, page in ELSEWHERE.items():
        text = lead_links((CHECKOUT / source).read_text(encoding="utf-8"), source)
        if page == "index.md":
            text = _WITHOUT_SIDEBAR + text
        files.append(File.generated(config, page, content=text))
    notebooks = notebook_pages(CHECKOUT / "notebooks")
    for each in notebooks:
        _add_notebook(files, config, each)
    for page, text in (
        ("gallery.md", gallery(notebooks)),
        ("commands.md", command_page()),
        ("reference.md", reference_page()),
    ):
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead the links of a page of ``docs/`` to where the site has what they name."""
    if page.file.generated_by is not None:
        return markdown
    markdown = markdown.replace(_SETTINGS, settings_table())
    return lead_links(markdown, f"docs/{page.file.src_uri}")


def on_page_content(html: str, **_: Any) -> str:
    """Leave out what only Sphinx would understand."""
    return _ROLE.sub("", html).replace("<code>~", "<code>")


def _add_notebook(files: Files, config: Any, page: NotebookPage) -> None:
    for name, content in page.pictures.items():
        files.append(File.generated(config, f"notebooks/{name}", content=content))
    files.append(File.generated(config, f"notebooks/{page.name}.md", content=page.text))
    if page.problem:  # of a strict build an error
        _LOG.warning("notebook %s did not run: %s", page.name, page.problem)
