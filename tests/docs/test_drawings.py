"""The drawings are what hwsim draws now."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from docs.drawings.catalogue import DRAWINGS

pytestmark = pytest.mark.outside

FOLDER = Path(__file__).parents[2] / "docs" / "drawings"


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_current_and_well_formed(name):
    text = DRAWINGS[name]().text()
    stored = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert stored == text, "python -m docs.drawings"
    root = ET.fromstring(text)
    width, height = (float(root.get(side)) for side in ("width", "height"))
    for each in root.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 < float(each.get("x")) < width, each.text
        assert 0 < float(each.get("y")) < height, each.text
    assert root.find("{http://www.w3.org/2000/svg}desc").text


def test_all_of_them_are_drawn():
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(DRAWINGS)
