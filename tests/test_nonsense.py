"""Every number of every kind of file, in the place of which stands a table of nonsense."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hwsim.arch import load_arch
from hwsim.energy import load_energy_table
from hwsim.engines.timeloop.inputs import evaluate_timeloop
from hwsim.errors import InputError
from hwsim.networks import load_topology
from tests.fuzz.inputs import CASES, CHECKOUT
from tests.fuzz.mutations import _NUMBER, _parts
from tests.networks.files import TINY

LARGE = str(2**70)
VALUES = (
    *("-1", "-0.5", "-1e-300", ".nan", ".inf", "-.inf", "1e308", "1e999", LARGE, "1" + "0" * 400),
    *("0", "1e-300", "x", '"-1"', '""', "[]", "[1, 2]", "{}", "{a: 1}", "true", "null", "1:30"),
)
NOTHING = "an empty value is a missing key, for which its default holds"
SMALL = "a price or a share may be nothing, or next to it"
#: By format: key, values that are taken there, and why that is no harm.
HARMLESS: dict[str, list[tuple[str, tuple[str, ...], str]]] = {
    "topology": [
        (r"\.(stride|padding)", ("null",), NOTHING),
        (r"\.padding", ("0",), "an image without an edge"),
        (r"\.(size|kernel|stride|padding)", ("[1, 2]",), "rows and columns of their own"),
    ],
    "energy table": [
        (r"\.schema", ("true",), "1 and true are equal in Python"),
        (r"\.value", ("0", "1e-300"), SMALL),
        (r"\.bits", ("null", LARGE), "said of a figure, and computed with by nothing"),
        (r"\.value", (LARGE,), "1e21 of a unit that nobody states"),
    ],
    "machine": [
        (r"\.schema", ("true",), "1 and true are equal in Python"),
        (r"\.minimum", ("-1", "0"), "bounds are the author's; the engine checks its machine"),
        (r"\.maximum", (LARGE,), "bounds are the author's; the engine checks its machine"),
    ],
    "timeloop v0.3": [
        (r"", ("null",), NOTHING),
        (r"\.(energy|area|density)", ("0", "1e-300"), SMALL),
    ],
    "timeloop v0.4": [(r"", ("null",), NOTHING)],
}


def _timeloop(path: Path) -> Any:
    return evaluate_timeloop([path])


def _stripped(text: str) -> str:
    """Leave out what is said in words, which is not looked at here."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


FORMATS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "topology": (load_topology, TINY),
    "energy table": (
        load_energy_table,
        "schema: 1\nname: t\ntitle: t\nversion: v\nunit: pJ\narea_unit: um2\nsources: {s: said}\n"
        "components:\n  ADDER:\n    source: s\n    area: {value: 2.5, bits: 8}\n"
        "    static: {value: 0.5}\n    actions: {ADD: {value: 1.5}}\n",
    ),
    "machine": (load_arch, _stripped((CHECKOUT / "arch_specs" / "sigma.yaml").read_text())),
    "timeloop v0.3": (_timeloop, (CASES / "timeloop" / "hyp_fix_1.0.yaml").read_text()),
    "timeloop v0.4": (
        _timeloop,
        "".join(
            (CASES / "timeloop" / f"g_{name}.yaml").read_text() for name in ("arch", "prob", "map")
        ),
    ),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_it_is_refused_or_known_to_be_harmless(kind: str, tmp_path: Path) -> None:
    read, text = FORMATS[kind]
    path = tmp_path / "x.yaml"
    path.write_text(text)
    read(path)
    taken, tried = [], 0
    for part in _parts(text):
        here = text[part.start : part.end].strip()
        if part.is_key or not part.scalar or not _NUMBER.fullmatch(here):
            continue
        for value in VALUES:
            path.write_text(text[: part.start] + value + text[part.end :])
            tried += 1
            try:
                read(path)
            except InputError:
                continue
            if not _is_harmless(kind, part.path, value):
                taken.append((part.path, value))
    assert tried >= 5 * len(VALUES)
    assert taken == []


def _is_harmless(kind: str, key: str, value: str) -> bool:
    return any(
        value in values and re.search(f"{pattern}$", key) for pattern, values, _ in HARMLESS[kind]
    )
