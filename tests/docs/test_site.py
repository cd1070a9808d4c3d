"""The site has every page, and what it makes itself is whole."""

from pathlib import Path

import pytest
import yaml

import hwsim
from docs.site.command_page import command_page
from docs.site.links import ELSEWHERE, lead_links
from docs.site.notebook_pages import NotebookPage, gallery
from docs.site.reference_page import reference_page
from docs.site.settings_table import settings_table
from hwsim.arch import list_archs
from hwsim.cli import commands

pytestmark = pytest.mark.outside

CHECKOUT = Path(__file__).parents[2]
GENERATED = {"gallery.md", "commands.md", "reference.md"}


def pages_of(entry):
    if isinstance(entry, str):
        yield entry
    else:
        for below in entry.values() if isinstance(entry, dict) else entry:
            yield from pages_of(below)


def test_the_menu_has_every_page_once():
    class Loader(yaml.SafeLoader):
        pass

    text = (CHECKOUT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = list(pages_of(yaml.load(text, Loader)["nav"]))
    notebooks = {f"notebooks/{path.stem}.md" for path in (CHECKOUT / "notebooks").glob("*.ipynb")}
    pages = {path.name for path in (CHECKOUT / "docs").glob("*.md")} - {"README.md"}
    assert sorted(listed) == sorted({*pages, *notebooks, *GENERATED, *ELSEWHERE.values()})


@pytest.mark.parametrize(
    ("text", "source", "led"),
    [
        ("[a](docs/sigma.md#x)", "README.md", "[a](sigma.md#x)"),
        ("[a](../CONTRIBUTING.md)", "docs/energy.md", "[a](contributing.md)"),
        ("[a](../README.md)", "docs/design.md", "[a](index.md)"),
        ("[a](validation.md)", "docs/sigma.md", "[a](validation.md)"),
        ("[a](../notebooks/04_x.ipynb)", "docs/tutorial.md", "[a](notebooks/04_x.md)"),
        ("![b](docs/drawings/c.svg)", "README.md", "![b](drawings/c.svg)"),
        ("[`d`](../examples/studies/digits.yaml)", "docs/check.md", "`d`"),
        ("[e](https://x.org) [f](#g)", "README.md", "[e](https://x.org) [f](#g)"),
    ],
)
def test_links_are_led_to_pages_of_the_site(text, source, led):
    assert lead_links(text, source) == led


def test_every_command_has_a_heading_and_its_options():
    page = command_page()
    for each in commands().registered_commands:
        assert f"\n## hwsim {each.name}\n" in page
    for group in commands().registered_groups:
        assert f"\n## hwsim {group.name} " in page
    assert "| `--arch` | NAME\\|FILE | " in page
    assert not [
        line for line in page.splitlines() if line.startswith("# ") and line != "# Commands"
    ]


def test_everything_public_is_in_the_reference():
    page = reference_page()
    names = [name for name in hwsim.__all__ if not name.startswith("_")]
    assert [name for name in names if f".{name}\n" not in page] == []


def test_every_setting_of_every_machine_has_its_unit():
    table = settings_table()
    assert "| `num_ms` | multipliers | " in table
    assert [name for name in list_archs() if f"`{name}`" not in table] == []


def test_the_gallery_leads_to_where_pictures_come_from():
    page = NotebookPage("a", "Title", "", {"a-1.png": b""}, {"a-1.png": "What it shows"})
    text = gallery([page, NotebookPage("b", "Without")])
    assert "## [Title](notebooks/a.md)\n\n![What it shows](notebooks/a-1.png)" in text
    assert "Without" not in text
    assert "![sigma](drawings/sigma.svg)" in text
