"""Write ``docs/equality.md`` on standard output: what was compared, counted and not typed."""

from __future__ import annotations

from tests.equality.page import page

print(page(), end="")
