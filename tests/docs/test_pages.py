"""What the pages name is there: links, files, and what their Python imports."""

import ast
import importlib
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.outside

CHECKOUT = Path(__file__).parents[2]
PAGES = [
    *(CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "benchmarks/README.md")),
    *sorted((CHECKOUT / "docs").glob("*.md")),
    *sorted((CHECKOUT / "examples").glob("*/README.md")),
]
FOLDERS = "hwsim|tests|benchmarks|arch_specs|workloads|examples|notebooks"


def page(path):
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(CHECKOUT)))
class TestPage:
    def test_every_link_leads_somewhere(self, path):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page(path)):
            assert (path.parent / target).exists(), target

    def test_every_file_of_ours_is_there(self, path):
        for name in re.findall(rf"`((?:{FOLDERS})/[\w./*-]*)`", page(path)):
            assert list(CHECKOUT.glob(name)), name

    def test_python_imports_what_there_is(self, path):
        for code in re.findall(r"```python\n(.*?)```", page(path), flags=re.DOTALL):
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.ImportFrom) and str(node.module).startswith("hwsim"):
                    module = importlib.import_module(str(node.module))
                    for each in node.names:
                        assert hasattr(module, each.name), f"{node.module}.{each.name}"


def test_the_documentation_lists_every_page():
    listed = set(re.findall(r"\]\(([\w]+\.md)\)", page(CHECKOUT / "docs" / "README.md")))
    assert listed == {path.name for path in (CHECKOUT / "docs").glob("*.md")} - {"README.md"}
