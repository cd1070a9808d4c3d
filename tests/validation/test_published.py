"""Machines against published figures: each is as near as it states, and the page says so."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

import hwsim
from hwsim.energy import load_energy_table
from hwsim.engines import load_engine
from hwsim.errors import InputError
from hwsim.reports.published_report import overview_lines, section
from hwsim.validation import compare_published, published, read_published
from hwsim.validation._layers import workload_of
from hwsim.validation.result import PublishedValidation
from hwsim.validation.tolerance import Tolerance
from tests.validation.files import write

PAGE = (Path(__file__).parents[2] / "docs" / "validation.md").read_text(encoding="utf-8")
FILES = read_published()
#: More weights take long, and so does a search for mappings; .ci/run makes the whole page anew.
MOST_WEIGHTS = 50_000_000


def is_quick(file):
    layers = [layer for case in file.cases for layer in case.layers]
    weights = sum(each.linear.filters * each.linear.channels for each in layers if each.linear)
    return weights <= MOST_WEIGHTS and hwsim.load_arch(file.machine).engine != "sparseloop"


QUICK = [file for file in FILES if is_quick(file)]


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """Let there be one file of figures, with changes, and compare it."""

    def compare(*changes):
        write(tmp_path, *changes)
        monkeypatch.setattr(published, "DATA", tmp_path)
        return hwsim.validate_published()

    return compare


@pytest.mark.parametrize("file", QUICK, ids=lambda file: f"{file.machine}, {file.title}")
def test_every_machine_is_as_near_as_it_states_and_on_the_page(file):
    table = compare_published(file)
    beyond = PublishedValidation((table,)).beyond
    assert not [f"{row.work}: {row.quantity}: {row.error}" for _, row in beyond]
    for quantity in {row.quantity for row in table.rows}:
        rows = [row for row in table.rows if row.quantity == quantity]
        worst = max(max(row.ratio, 1 / row.ratio) for row in rows)
        # A machine that became better says so: the page must not keep an excuse.
        tightest = min(Tolerance.parse(row.within).highest for row in rows)
        wanted = Tolerance.parse(rows[0].wanted).highest
        assert tightest <= max(wanted, 1.25 * worst), f"{quantity}: state less than {tightest:g}x"
    written = "hwsim validate published --markdown > docs/validation.md"
    assert section(table) in PAGE, f"write the page anew: {written}"
    for line in overview_lines(table):
        assert line in PAGE, f"write the page anew: {written}"


def test_the_page_has_these_machines_and_no_others():
    headings = re.findall(r"^## (\S+)(?: \(.*?\))?: (.*)$", PAGE, flags=re.MULTILINE)
    assert headings == [(file.machine, file.title) for file in FILES]
    quantities = sum(
        len({name for case in file.cases for name in case.published}) for file in FILES
    )
    assert PAGE.split("\n## ")[0].count("\n| ") == quantities + 2  # and a head of two lines


def test_a_machine_beyond_what_is_wanted_is_called_like_the_chip():
    """By the page, since some machines take long; .ci/run makes it anew."""
    rows = re.findall(r"^\| (\S+) .*\| (\d+) of (\d+) \|$", PAGE, flags=re.MULTILINE)
    assert len(rows) > len(FILES)
    far = {name for name, reached, figures in rows if int(reached) < int(figures)}
    assert not [name for name in far if not name.endswith("-like")]
    like = {file.machine for file in FILES if file.machine.endswith("-like")}
    for name in like - far:
        assert f"Every figure of {name} is as wanted" in PAGE


def test_rows(tiny):
    (table,) = tiny().tables
    assert (table.machine, table.machine_title) == ("sigma", hwsim.load_arch("sigma").title)
    assert (table.source, table.transcribed) == ("the paper, table 1", "owner/copy")
    assert (table.verified, table.assumed, table.search) == ("all", "nothing", "")
    cycles, speedup = table.rows
    assert (cycles.work, cycles.quantity, cycles.unit) == ("small", "cycles", "cycles")
    assert (cycles.published, cycles.other, cycles.note) == (100, (120, "somebody"), "read off")
    assert (cycles.within, cycles.wanted, cycles.why) == ("10 %", "5 %", "nothing waits")
    assert (speedup.within, speedup.wanted, speedup.other, speedup.note) == (
        "1.5x",
        "20 %",
        None,
        "",
    )


def test_cycles_are_those_of_the_machine(tiny):
    (table,) = tiny(("weights: 0.5", "weights: 1.0")).tables
    dense = hwsim.simulate_gemm([[1] * 16] * 8, 4, "sigma").cycles
    cycles, speedup = table.rows
    assert cycles.ours == dense
    assert cycles.ratio == dense / 100
    assert speedup.ours == 1


def test_images_and_repetitions_multiply(tiny):
    once = tiny().tables[0].rows
    more = tiny(
        ("machine: sigma", "machine: sigma\nimages: 3"), ("weights: 0.5", "weights: 0.5, times: 2")
    )
    cycles, speedup = more.tables[0].rows
    assert cycles.ours == 6 * once[0].ours
    assert speedup.ours == once[1].ours > 1


def test_overrides_are_set(tiny):
    (table,) = tiny(("machine: sigma", "machine: sigma\noverrides: {num_ms: 16}")).tables
    assert table.machine == "sigma (num_ms=16)"
    assert table.rows[0].ours > tiny().tables[0].rows[0].ours


def test_energy_of_the_chip_is_without_dram(tiny):
    names = ("cycles: {value: 100 cycles", "energy: {value: 100 nJ"), ("120 cycles", "120 nJ")
    states = (
        "states:\n",
        "states:\n  energy: {within: 4x, why: a}\n  chip_energy: {within: 4x, why: a}\n",
    )
    chip = ("speedup: {value: 2 x}", "chip_energy: {value: 1 nJ}")
    whole, chip = tiny(*names, states, chip).tables[0].rows
    assert 0 < chip.ours < whole.ours


def test_clock_and_leakage_of_the_time_that_a_chip_waits_are_in_its_energy(tiny, tmp_path):
    energy = ("cycles: {value: 100 cycles", "chip_energy: {value: 100 nJ"), ("120 cycles", "120 nJ")
    states = ("states:\n", "states:\n  chip_energy: {within: 4x, why: a}\n")
    at_once, later, much_later = (
        tiny(*energy, states, ("    layers:", f"{waits}    layers:")).tables[0].rows[0].ours
        for waits in ("", "    waits: 1 us\n", "    waits: 3 us\n")
    )
    arch, (file,) = hwsim.load_arch("sigma"), read_published(tmp_path)
    workload, _ = workload_of("small.0", file.cases[0].layers[0])
    activity = load_engine("sigma").simulate(workload, arch)
    rows = load_energy_table("physical").price(activity, arch, workload.operands).rows
    idle = sum(row.energy for row in rows if row.action in ("static", "clock")) / activity.cycles
    assert later - at_once == pytest.approx(500 * idle / 1000)  # 1 us at 500 MHz, nJ
    assert much_later - at_once == pytest.approx(3 * (later - at_once))


def test_how_mappings_are_searched_is_said(tiny):
    machine = "machine: simple\nsearch: {budget: 1200, objective: delay}\ndensity: statistical"
    (table,) = tiny(("machine: sigma", machine)).tables
    assert table.search == "the best for delay of 1,200 mappings a layer; shares of zeros"
    (table,) = tiny(("machine: sigma", "machine: simple")).tables
    assert table.search == "the best for edp of 4,000 mappings a layer; the very zeros drawn"


def test_a_machine_without_mappings_is_not_searched(tiny):
    with pytest.raises(InputError) as refusal:
        tiny(("machine: sigma", "machine: sigma\nsearch: {budget: 10}"))
    assert str(refusal.value) == "arch sigma: it has no design, so there is nothing to search"


def test_what_is_beyond_its_statement(tiny):
    beyond = tiny(("value: 2 x", "value: 20 x")).beyond
    assert [row.quantity for _, row in beyond] == ["cycles", "speed-up over dense"]
    document = tiny().to_dict()["tables"][0]
    assert document["rows"][0] == {
        "work": "small",
        "quantity": "cycles",
        "unit": "cycles",
        "published": 100,
        "ours": document["rows"][0]["ours"],
        "ratio": document["rows"][0]["ours"] / 100,
        "within": "10 %",
        "holds": False,
        "wanted": "5 %",
        "why": "nothing waits",
        "note": "read off",
        "other": {"value": 120, "source": "somebody"},
    }
    assert (document["title"], document["name"], document["machine"]) == (
        "two products",
        "sigma",
        "sigma",
    )
    assert document["rows"][1]["other"] is None
    assert document["search"] is None


def test_wanted_is_asked_for_apart(tiny):
    ours = tiny().tables[0].rows[0].ours
    near = tiny(("value: 100 cycles", f"value: {ours * 1.08:.0f} cycles")).tables[0].rows[0]
    assert (near.holds, near.as_wanted) == (True, False)
    exact = tiny(("value: 100 cycles", f"value: {ours:.0f} cycles")).tables[0].rows[0]
    assert (exact.holds, exact.as_wanted) == (True, True)


def test_a_figure_beyond_what_is_wanted_takes_the_name_of_the_chip(tiny):
    (table,) = tiny().tables
    near, far = (replace(table.rows[0], ours=100 * ratio) for ratio in (1.05, 1.06))
    found = [replace(table, rows=rows) for rows in ((near,), (far, near))]

    def named(*tables, name="sigma"):
        validation = PublishedValidation(tuple(replace(each, name=name) for each in tables))
        return validation.misnamed, validation.better_than_named

    assert named(found[0]) == ([], [])
    assert named(found[0], name="sigma-like") == ([], ["sigma-like"])
    for tables in (found, found[::-1]):  # one table that is near makes up for no other
        assert named(*tables) == (["sigma"], [])
        assert named(*tables, name="sigma-like") == ([], [])
    both = PublishedValidation((replace(found[0], name="a-like"), replace(found[1], name="b")))
    assert (both.misnamed, both.better_than_named) == (["b"], ["a-like"])
    assert (both.to_dict()["misnamed"], both.to_dict()["better_than_named"]) == (["b"], ["a-like"])


def test_one_machine_is_chosen(tiny):
    tiny()
    assert len(hwsim.validate_published("sigma").tables) == 1
    with pytest.raises(InputError) as refusal:
        hwsim.validate_published("sgma")
    assert str(refusal.value) == "nothing is published of machine 'sgma'; did you mean 'sigma'?"


def test_the_search_keeps_to_what_is_published_of_a_mapping(tiny):
    machine = ("machine: sigma", "machine: simple\nsearch: {budget: 300, objective: delay}")
    layer = "{gemm: {M: 8, K: 16, N: 4, weights: 0.5}"
    # No channels are left for the PEs: 8 filters and 4 vectors are an eighth of the work.
    ((free,), (kept,)) = (
        tiny(machine, (layer, f"{layer}{mapping}")).tables
        for mapping in ("", ", mapping: {DRAM: [C=16]}")
    )
    assert free.search == "the best for delay of 300 mappings a layer; the very zeros drawn"
    assert kept.search == (
        "the best for delay of 300 mappings a layer, with the loops that are published; the very "
        "zeros drawn"
    )
    assert kept.rows[0].ours >= 16 > free.rows[0].ours


@pytest.mark.parametrize(
    ("machine", "mapping", "message"),
    [
        ("simple", "{DRAMS: [C=2]}", "'DRAMS'.*did you mean 'DRAM'"),
        ("simple", "{DRAM: [Z=2]}", "Z"),
        ("sigma", "{DRAM: [C=2]}", "arch sigma: it has no design, so there is nothing to search"),
    ],
)
def test_a_mapping_that_the_machine_cannot_have_is_refused(tiny, machine, mapping, message):
    layer = "{gemm: {M: 8, K: 16, N: 4, weights: 0.5}"
    with pytest.raises(InputError, match=message):
        tiny(("machine: sigma", f"machine: {machine}"), (layer, f"{layer}, mapping: {mapping}"))
