"""Write every drawing beside its module."""

from pathlib import Path

from docs.drawings.catalogue import DRAWINGS

for name, draw in DRAWINGS.items():
    Path(__file__).with_name(f"{name}.svg").write_text(draw().text(), encoding="utf-8")
