"""Notebooks as pages: run from a clean kernel, with what they print and draw."""

from __future__ import annotations

import base64
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbclient
import nbformat

#: Each cell of a notebook may take so long [s].
_TIMEOUT_S = 600


@dataclass
class NotebookPage:
    """A notebook as Markdown.

    Parameters
    ----------
    name : str
        Of its file, without the ending.
    title : str
        Its first heading.
    text : str
        The page.
    pictures : dict of str to bytes
        What it draws, by file name.
    under : dict of str to str
        The heading under which each of them stands.
    problem : str
        Why it did not run; empty if it did.
    """

    name: str
    title: str = ""
    text: str = ""
    pictures: dict[str, bytes] = field(default_factory=dict)
    under: dict[str, str] = field(default_factory=dict)
    problem: str = ""


def notebook_pages(folder: Path) -> list[NotebookPage]:
    """Run all notebooks of a folder."""
    return [notebook_page(path) for path in sorted(folder.glob("*.ipynb"))]


def notebook_page(path: Path) -> NotebookPage:
    """Run a notebook and write it as a page; one that fails says so."""
    page = NotebookPage(path.stem)
    try:
        notebook = run_notebook(path)
    except nbclient.exceptions.CellExecutionError as error:
        page.problem = f"{error.ename}: {error.evalue}"
        notebook = nbformat.read(path, as_version=4)
    parts = [f"*This page is the notebook `notebooks/{path.name}`, run when the site was built.*"]
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#+ (.*)$", cell.source, flags=re.MULTILINE)
            heading = headings[-1] if headings else heading
            page.title = page.title or heading
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        parts += _outputs(cell.outputs, page, heading)
    # The title stays first, the note comes after it.
    parts[0], parts[1] = parts[1], parts[0]
    page.text = "\n\n".join(parts) + "\n"
    return page


def run_notebook(path: Path) -> Any:
    """Run a notebook from a clean kernel, in an empty folder."""
    notebook = nbformat.read(path, as_version=4)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(path.resolve().parents[1]), *filter(None, [before])]
    )
    try:
        with tempfile.TemporaryDirectory(prefix="hwsim-notebook-") as folder:
            nbclient.NotebookClient(
                notebook, timeout=_TIMEOUT_S, resources={"metadata": {"path": folder}}
            ).execute()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return notebook


def _outputs(outputs: Sequence[Any], page: NotebookPage, heading: str) -> Iterator[str]:
    for output in outputs:
        data = output.get("data", {})
        if "image/png" in data:
            name = f"{page.name}-{len(page.pictures) + 1}.png"
            page.pictures[name] = base64.b64decode(data["image/png"])
            page.under[name] = heading
            yield f"![{heading}]({name})"
        elif "text/html" in data:
            yield _without_style(data["text/html"])
        elif "text/plain" in data:
            yield f"```text\n{data['text/plain']}\n```"
        elif output.get("name") == "stdout":
            yield f"```text\n{output['text'].rstrip()}\n```"


def _without_style(html: str) -> str:
    """Take a table as it is, without what only a notebook needs, as one block of Markdown."""
    html = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    html = re.sub(r' border="1" class="dataframe"', "", html)
    return re.sub(r"\n\s*", "\n", html).strip()


def gallery(pages: Sequence[NotebookPage]) -> str:
    """Write the page with every picture, and where it comes from."""
    parts = [
        "# Gallery",
        "Drawn when the site was built, from runs of hwsim; each leads to the notebook with its "
        "code.",
    ]
    for page in pages:
        if page.pictures:
            parts.append(f"## [{page.title}](notebooks/{page.name}.md)")
        for name in page.pictures:
            parts += [f"![{page.under[name]}](notebooks/{name})", f"*{page.under[name]}*"]
    drawings = sorted((Path(__file__).parents[1] / "drawings").glob("*.svg"))
    parts.append("## Drawings of the explanations")
    parts += [f"![{path.stem.replace('_', ' ')}](drawings/{path.name})" for path in drawings]
    return "\n\n".join(parts) + "\n"
