"""Every number of every kind of file, in the place of which stands a table of nonsense."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import hwsim
from hwsim.arch import load_arch
from hwsim.csv_tables import write_table
from hwsim.energy import load_energy_table
from hwsim.engines.stonne.files.counters import read_counters
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.operations import report_operation, simulate_operation
from hwsim.engines.timeloop.inputs import evaluate_timeloop
from hwsim.errors import InputError
from hwsim.networks import load_topology, save_network
from hwsim.studies._saved_run import check_manifest, check_tables
from hwsim.studies.checks.baseline import read_baseline
from hwsim.studies.result import _read_csv
from hwsim.studies.study_file import read_study
from tests.fuzz.inputs import CASES, CHECKOUT, small_network
from tests.fuzz.machines import SIGMA_CONFIG
from tests.fuzz.mutations import _NUMBER, _parts
from tests.networks.files import TINY

LARGE = str(2**70)
#: What is one text after another to a table, each as strange to it as ``x``.
NO_CELLS = ("[]", "[1, 2]", "{}", "{a: 1}", "null", "1:30", "-.inf", "-0.5", "1" + "0" * 400)
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
    "study": [
        (r"", ("null",), NOTHING),
        (r"\.(dn_bw|seed)", ("[1, 2]",), "several values are an axis"),
        (r"\.seed", ("0",), "the first seed"),
        (r"\.(levels|activation_density)", ("0", "1e-300"), SMALL),
    ],
    "manifest": [
        (r"", ("0",), "a run may have been of a machine without some part"),
        (r"area|utilization|density", ("1e-300", "null"), SMALL),
        (r"\.area", (LARGE,), "1e21 of a unit that nobody states"),
    ],
    "results.csv": [
        (r"", ("0", "1e-300", LARGE), SMALL),
        (r"price", ('""',), "a price may be missing"),
        (r"price", ('"-1"',), "quoted cells are those of spreadsheets"),
    ],
    "summary.csv": [
        (r"", ("0", "1e-300"), SMALL),
        (r"_reads|_ratio|waits", ('""', "true", LARGE), "may be missing; pandas takes true for 1"),
    ],
    "quantization.csv": [
        (r"", ("0", "1e-300"), SMALL),
        (r"unique_values", VALUES, "shown, and computed with by nothing"),
    ],
    "baseline": [
        (r"hwsim_baseline", ("true",), "1 and true are equal in Python"),
        (r"coordinates\.\w+", VALUES, "by which points are found, and nothing computed"),
        (r"(cycles|macs|utilization|area|energy\.a)", ("0", "1e-300", LARGE, "null"), SMALL),
        (r"clock_hz", ("null",), NOTHING),
    ],
    "stonne.cfg": [
        (r"accumulation_buffer_enabled", ("0",), "off"),
        (r"port_width|latency|input_ports", ("0",), "repeated by the result, as STONNE does"),
    ],
    "counters": [(r"", ("0",), "an action may never happen")],
}

#: Of a part of a text that is a number: what it is called, where it begins and ends.
Number = tuple[str, int, int]


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Parameters
    ----------
    text : callable
        Gives a good one; told the folder, in which it may leave what is needed beside it.
    read : callable
        Reads the file of a path.
    name : str
        What the file is called.
    numbers : callable
        Finds the numbers of a text.
    values : sequence of str
        Of the table of nonsense, those that are tried.
    """

    text: Callable[[Path], str]
    read: Callable[[Path], Any]
    name: str = "x.yaml"
    numbers: Callable[[str], Iterator[Number]] = lambda text: _of_yaml(text)
    values: Sequence[str] = VALUES


def _of_yaml(text: str) -> Iterator[Number]:
    for part in _parts(text):
        if (
            not part.is_key
            and part.scalar
            and _NUMBER.fullmatch(text[part.start : part.end].strip())
        ):
            yield part.path, part.start, part.end


def _of_lines(text: str) -> Iterator[Number]:
    """Of ``key=number`` and ``"key" : number``."""
    for found in re.finditer(r"(\w+)\"?\s*[=:]\s*([0-9.]+)(?![0-9.])", text):
        yield found[1], *found.span(2)


def _of_first_row(text: str) -> Iterator[Number]:
    head, row = text.split("\n")[:2]
    cells = re.finditer(r'(?:^|,)("[^"]*"|[^,]*)', row)
    for column, cell in zip(head.split(","), cells, strict=True):
        if _NUMBER.fullmatch(cell[1]):
            yield column, len(head) + 1 + cell.start(1), len(head) + 1 + cell.end(1)


def _timeloop(path: Path) -> Any:
    return evaluate_timeloop([path])


def _saved(folder: Path) -> None:
    result = hwsim.run(small_network(), energy="stonne", schemes=("dense",), layers="fc")
    result.save(folder)
    (folder / "results.parquet").unlink(missing_ok=True)
    write_table(result.table, folder / "results.csv")


def _table(name: str) -> Kind:
    """Make a kind of a table of a run, whose other tables are read once."""
    read: dict[str, Any] = {}

    def text(folder: Path) -> str:
        _saved(folder)
        saved = hwsim.load_run(folder)
        read["results.csv"], read["summary.csv"] = saved.table, saved.layers
        read["quantization.csv"], read["manifest"] = saved.quantization, saved.manifest
        return (folder / name).read_text()

    def check(path: Path) -> None:
        try:
            check_tables(*{**read, name: _read_csv(path)}.values())
        except (ValueError, TypeError) as error:
            raise InputError(str(error)) from error

    return Kind(text, check, name, _of_first_row, [each for each in VALUES if each not in NO_CELLS])


def _manifest(folder: Path) -> str:
    _saved(folder)
    return (folder / "manifest.json").read_text()


def _manifest_alone(path: Path) -> None:
    """Check it as the reading of a run does, which takes the tables' time as well."""
    try:
        check_manifest(json.loads(path.read_text()))
    except (ValueError, KeyError) as error:
        raise InputError(str(error)) from error


def _study(folder: Path) -> str:
    save_network(small_network(), folder / "m.npz")
    return STUDY


STUDY = """\
study: small
model: m.npz
arch: sigma
set: {num_ms: 64, dn_bw: 32}
scheme: [pruned, signed-binary]
sparsity: {levels: 0.5, method: random, seed: 3}
activation_density: 0.5
explore: {objectives: [cycles], budget: 20, seed: 4}
energy: stonne
"""
BASELINE = """\
{"hwsim_baseline": 1, "study": "s", "date": "2026", "provenance": {"networks": []}, "points": [
{"coordinates": {"num_ms": 64, "sparsity": 0.5}, "clock_hz": 5e8,
 "layers": {"a": {"cycles": 100, "macs": 40, "effectual_macs": 10, "utilization": 0.5}},
 "prices": {"stonne": {"energy_unit": "", "area": 3.5, "area_unit": "", "energy": {"a": 7.5}}}}]}
"""
CONFIG = SIGMA_CONFIG + "input_ports=2\n"


def _configured(path: Path) -> Any:
    sizes = ("-M=3", "-N=2", "-K=8")
    return simulate_operation(
        StonneSettings.of_command_line(["-SparseGEMM", *sizes, f"-hwconfig={path}"])
    )


def _counters(folder: Path) -> str:
    report_operation(
        StonneSettings.of(
            "SparseGEMM", {"M": 3, "N": 2, "K": 8, "num_ms": 8, "dn_bw": 4, "rn_bw": 2}
        )
    ).write(folder, "made")
    return (folder / "made.counters").read_text()


def _fixed(text: str) -> Callable[[Path], str]:
    return lambda folder: text


def _machine(folder: Path) -> str:
    """Leave out what is said in words, which is not looked at here."""
    lines = (CHECKOUT / "arch_specs" / "sigma.yaml").read_text().splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def _parts_of_v04(folder: Path) -> str:
    names = ("arch", "prob", "map")
    return "".join((CASES / "timeloop" / f"g_{name}.yaml").read_text() for name in names)


TABLE = """\
schema: 1
name: t
title: t
version: v
unit: pJ
area_unit: um2
sources: {s: said}
components:
  ADDER:
    source: s
    area: {value: 2.5, bits: 8}
    static: {value: 0.5}
    actions: {ADD: {value: 1.5}}
"""

KINDS: dict[str, Kind] = {
    "topology": Kind(_fixed(TINY), load_topology),
    "energy table": Kind(_fixed(TABLE), load_energy_table),
    "machine": Kind(_machine, load_arch),
    "timeloop v0.3": Kind(
        lambda folder: (CASES / "timeloop" / "hyp_fix_1.0.yaml").read_text(), _timeloop
    ),
    "timeloop v0.4": Kind(_parts_of_v04, _timeloop),
    "study": Kind(_study, read_study),
    "manifest": Kind(_manifest, _manifest_alone, "manifest.json"),
    **{name: _table(name) for name in ("results.csv", "summary.csv", "quantization.csv")},
    "baseline": Kind(_fixed(BASELINE), read_baseline, "b.json"),
    "stonne.cfg": Kind(_fixed(CONFIG), _configured, "c.cfg", _of_lines),
    "counters": Kind(_counters, read_counters, "c.counters", _of_lines),
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_refused_or_known_to_be_harmless(kind: str, tmp_path: Path) -> None:
    of = KINDS[kind]
    text, path = of.text(tmp_path), tmp_path / of.name
    path.write_text(text)
    of.read(path)
    taken, tried = [], 0
    for key, start, end in _one_of_a_kind(of.numbers(text)):
        for value in of.values:
            path.write_text(text[:start] + value + text[end:])
            tried += 1
            try:
                of.read(path)
            except InputError:
                continue
            if not _is_harmless(kind, key, value):
                taken.append((key, value))
    assert tried >= 4 * len(of.values)
    assert taken == []


def _one_of_a_kind(numbers: Iterator[Number]) -> Iterator[Number]:
    """Leave out what is called as another but for where in a list it stands."""
    seen: set[str] = set()
    for key, start, end in numbers:
        kind = re.sub(r"\[[0-9]+\]", "[]", key)
        if kind not in seen:
            seen.add(kind)
            yield key, start, end


def _is_harmless(kind: str, key: str, value: str) -> bool:
    return any(
        value in values and re.search(f"{pattern}$", key) for pattern, values, _ in HARMLESS[kind]
    )
