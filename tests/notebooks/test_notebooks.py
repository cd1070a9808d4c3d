"""The notebooks are stored without outputs, name what there is, and run from a clean kernel.

The first one runs here; the build of the site, a step of CI of its own, runs all of them and fails
where one does (``docs/site/notebook_pages.py``).
"""

import ast
import importlib
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.outside

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def code_of(notebook):
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return re.sub(r"^%.*$", "", "\n".join(cells), flags=re.MULTILINE)


def test_there_are_notebooks():
    assert [path.stem for path in NOTEBOOKS] == [
        "01_quickstart",
        "02_energy_breakdown",
        "03_sparsity_sweep",
        "04_train_to_silicon",
        "05_bring_your_network",
        "06_validation",
        "07_explore_a_machine",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebook:
    def test_stored_without_outputs(self, path):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.cells[0].source.startswith("# ")
        for cell in notebook.cells:
            if cell.cell_type == "code":
                assert cell.outputs == []
                assert cell.execution_count is None

    def test_it_uses_the_public_interface(self, path):
        for node in ast.walk(ast.parse(code_of(nbformat.read(path, as_version=4)))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("hwsim"):
                module = importlib.import_module(str(node.module))
                for each in node.names:
                    assert hasattr(module, each.name)
                    assert not each.name.startswith("_")
                assert not any(part.startswith("_") for part in str(node.module).split("."))


def test_the_first_one_runs_from_a_clean_kernel():
    from docs.site.notebook_pages import notebook_page

    page = notebook_page(NOTEBOOKS[0])
    assert page.problem == ""
    assert page.title == "Quickstart"
    assert list(page.pictures) == ["01_quickstart-1.png"]
    assert page.pictures["01_quickstart-1.png"].startswith(b"\x89PNG")
    # What it shows is what a run gives: the ratios of the README.
    assert re.search(r"<td>1\.37</td>.*<td>2\.12</td>", page.text, flags=re.DOTALL)
    assert "![How far to trust it](01_quickstart-1.png)" in page.text


def test_one_that_fails_is_a_page_that_says_why(tmp_path):
    from docs.site.notebook_pages import notebook_page

    cells = [nbformat.v4.new_markdown_cell("# Broken"), nbformat.v4.new_code_cell("1 / 0")]
    path = tmp_path / "notebooks" / "broken.ipynb"
    path.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    page = notebook_page(path)
    assert page.problem == "ZeroDivisionError: division by zero"
    assert page.text.startswith("# Broken\n")
