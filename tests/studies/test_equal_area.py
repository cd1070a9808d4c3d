"""A machine a scheme at the area of dense: units by hand, layers left out, limits, files."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import hwsim
from hwsim.activity import Activity
from hwsim.arch import Arch, load_arch
from hwsim.arch.parts import Components
from hwsim.energy import load_energy_tables
from hwsim.engines import load_engine
from hwsim.errors import InputError
from hwsim.number_format import NumberFormat
from hwsim.pace import Pace
from hwsim.reports.run_report import run_report
from hwsim.studies import Request, RunResult, load_run
from hwsim.studies.equal_area import Builder, EqualArea, size_machines
from hwsim.studies.layer_task import LayerTask, Outcome
from hwsim.studies.limits import peak_limits
from hwsim.studies.machine_size import Built, Sized
from hwsim.studies.plan import Plan
from tests.energy.physical.test_sparseloop import ERT
from tests.engines.timeloop.layers.small_layers import TINY, write
from tests.studies.networks import tiny_network

SCHEMES = ("dense", "binary", "ternary", "signed-binary")
#: At this size the buffer is most of SIGMA, and twice as many multipliers may fit.
SMALL = {"num_ms": 32}


def comparison(arch: str | Arch, schemes: Any = SCHEMES, **asked: Any) -> EqualArea:
    request = Request(tiny_network(), arch, schemes, equal_area=True, **asked)
    machine = request.load_arch()
    engine = request.load_engine(machine)
    return size_machines(Plan.of(request), machine, engine, request.load_run_prices(machine))


@pytest.fixture(scope="module")
def result() -> RunResult:
    return hwsim.run(tiny_network(), "sigma", SCHEMES, overrides=SMALL, equal_area=True)


def test_a_tensor_core_by_hand() -> None:
    """A PE: multiplier and 32-bit adder or gates, register of a weight and its metadata."""
    part = Components(45)
    int8, int32 = NumberFormat.parse("int8"), NumberFormat.parse("int32")
    adder = part.adder_area(int32).value
    dense = part.multiplier_area(int8, int8).value + adder + part.register_area(8 + 8).value
    native = {
        "binary": part.gate_area(8).value + adder + part.register_area(1 + 8).value,
        "ternary": part.gate_area(16).value + adder + part.register_area(2 + 8).value,
        # A gate a bit for the mask and one for the sign.
        "signed-binary": part.gate_area(16).value + adder + part.register_area(1 + 8).value,
    }
    sized = comparison("stc").machines
    found = {scheme: machine.built.arch["rows"] for scheme, machine in sized.items()}
    by_hand = {scheme: int(16 * dense // area) for scheme, area in native.items()}
    assert found == {"dense": 16, **by_hand} == {
        "dense": 16, "binary": 37, "ternary": 32, "signed-binary": 33,
    }  # fmt: skip
    assert {scheme: machine.built.units for scheme, machine in sized.items()} == {
        scheme: 4 * 16 * rows for scheme, rows in found.items()
    }


def test_scnn_has_room_for_a_column() -> None:
    """All is in its PEs: memories stay, of a multiplier of 16 x 16 bits a gate a bit is left."""
    part, int16 = Components(16), NumberFormat.parse("int16")
    saved = part.multiplier_area(int16, int16).value - part.gate_area(16).value
    found = comparison("scnn", ["dense", "binary"])
    binary = found.machines["binary"]
    assert (binary.built.units, binary.built.arch["columns"]) == (1152, 9)
    assert binary.built.area == pytest.approx(1152 * (found.own.area / 1024 - saved), rel=1e-9)
    assert binary.beyond is not None
    assert binary.beyond.area == pytest.approx(1280 * (found.own.area / 1024 - saved), rel=1e-9)
    assert binary.built.area <= found.own.area < binary.beyond.area


@pytest.mark.parametrize("arch", ["sigma", "sigma-256-bw64", "eyeriss-like", "simple", "eie"])
def test_no_machine_is_larger_than_the_dense_one_and_the_next_would_be(arch: str) -> None:
    found = comparison(arch)
    for scheme, sized in found.machines.items():
        assert sized.built.area <= found.own.area
        assert scheme == "dense" or (sized.beyond and sized.beyond.area > found.own.area)
    assert found.machines["dense"] == Sized(found.own, None)


def test_the_area_is_that_of_the_layers(result: RunResult) -> None:
    machines = result.machines
    assert machines is not None
    arch = hwsim.load_arch("sigma", {"num_ms": 64, "multiplier": "sign", "weights": "int1"})
    alone = hwsim.run(tiny_network(), arch, ["binary"], layers="block.conv*", energy="physical")
    binary = machines.set_index("scheme").loc["binary"]
    assert alone.manifest["energy"]["area"] == pytest.approx(1e6 * binary["area_mm2"])
    # What the machine is called sets it up again.
    settings = re.fullmatch(r"sigma \((.*)\)", str(binary["arch"]))
    assert settings is not None
    again = hwsim.run(
        tiny_network(), "sigma", ["binary"], layers="block.conv*", energy="physical",
        overrides=hwsim.arch.parse_overrides(settings[1].split(", ")),
    )  # fmt: skip
    assert again.totals["energy"].iloc[0] == pytest.approx(binary["energy"])
    assert again.totals["cycles"].iloc[0] == binary["cycles"]


def test_machines_beside_what_they_come_to(result: RunResult) -> None:
    table = result.machines
    assert table is not None
    rows = table.set_index("scheme")
    assert list(rows.index) == list(SCHEMES)
    assert rows["units"].tolist() == [32, 64, 64, 32]
    assert rows["units_ratio"].tolist() == [1, 2, 2, 1]
    assert list(rows["weights"]) == ["int8", "int1", "int2", "int1"]
    assert list(rows["multiplier"]) == ["number", "sign", "ternary", "mask"]
    assert rows["unused_share"].tolist() == pytest.approx(
        (1 - rows["area_mm2"] / rows["limit_mm2"]).tolist()
    )
    assert rows["next_units"].tolist()[1:] == [128, 128, 64]
    assert rows["next_units"].isna().tolist() == [True, False, False, False]
    totals = result.totals.set_index("scheme")
    for name in ("cycles", "cycles_ratio", "energy", "energy_ratio"):
        assert (rows[name] == totals[name]).all()
    assert (rows["energy_low"] < rows["energy"]).all()
    assert (rows["energy"] < rows["energy_high"]).all()
    assert rows.loc["binary", "ratio_low"] < rows.loc["binary", "energy_ratio"]
    assert rows.loc["binary", "energy_ratio"] > 1
    assert result.table.groupby("scheme")["arch"].nunique().tolist() == [1, 1, 1, 1]
    assert set(result.table["arch"]) == set(rows["arch"])


def test_layers_that_units_cannot_run_are_left_out_of_all(result: RunResult) -> None:
    assert set(result.layers["layer"]) == {"block.conv1", "block.conv2"}
    said = result.manifest["equal_area"]
    assert said["left_out"] == [
        {"layer": layer, "schemes": ["binary", "ternary", "signed-binary"]}
        for layer in ("stem", "block.depthwise", "fc")
    ]
    macs = {"stem": 8 * 27 * 36, "conv": 8 * 72 * 36, "depthwise": 8 * 9 * 36, "fc": 80}
    left = macs["stem"] + macs["depthwise"] + macs["fc"]
    assert said["left_out_macs"] == pytest.approx(left / (left + 2 * macs["conv"]))


def test_schemes_of_one_kind_share_a_machine_and_its_mappings() -> None:
    request = Request(
        tiny_network(), "stc", ["dense", "pruned:sparsity=0.5", "binary"], equal_area=True
    )
    machine = request.load_arch()
    plan = Plan.of(request)
    found = size_machines(
        plan, machine, request.load_engine(machine), load_energy_tables("physical")
    )
    archs = found.archs
    assert archs["dense"] == archs["pruned:sparsity=0.5"] == machine
    assert found.left_out == {layer: ["binary"] for layer in ("stem", "block.depthwise", "fc")}
    plan = found.restricted(plan)
    assert plan.compared_bits("dense", "block.conv1") == (32,)
    assert plan.compared_bits("pruned:sparsity=0.5", "block.conv1") == (32,)
    assert plan.compared_bits("binary", "block.conv1") == ()


def test_only_evaluated_layers_are_left_out() -> None:
    assert comparison("sigma", layers=["stem", "block.conv1"]).left_out.keys() == {"stem"}
    everything = comparison("sigma", quantize_layers="all")
    assert (everything.left_out, everything.left_out_macs) == ({}, 0)


def test_structures_in_which_a_machine_would_be_too_large() -> None:
    """With banks a port, more ports take more room than narrow weights leave."""
    found = comparison("sigma", overrides=SMALL)
    assert found.structures == {
        "dense": (8, 8), "binary": (2, 8), "ternary": (2, 8), "signed-binary": (8, 8),
    }  # fmt: skip
    builder = Builder(load_engine("sigma"), load_energy_tables("physical")[0])
    fitting = []
    for tree_registers in ("queues", "level"):
        for controller in ("reads-all", "reads-needed"):
            ways: dict[str, Any] = {"tree_registers": tree_registers, "controller": controller}
            machine = {"num_ms": 64, "multiplier": "sign", "weights": "int1"}
            own = builder.build(load_arch("sigma", {**SMALL, **ways}), "value")
            if builder.build(load_arch("sigma", {**machine, **ways}), "sign").area <= own.area:
                fitting.append((tree_registers, controller))
    # Under partial sums everywhere in the tree there is less to save.
    assert fitting == [("queues", "reads-all"), ("level", "reads-all")]


def outcome(scheme: str, cycles: int, units: int, pace: Pace | None) -> Outcome:
    task = LayerTask(scheme, "a", scheme, "as given", "conv", 1, 1, 1, 1, 1.0, 1000, 1000, 1)
    activity = Activity("x", cycles, {}, {("U", "M"): units}, 1000, 1000, 1.0, pace=pace)
    return Outcome(task, None, activity)


def test_a_ratio_is_at_most_what_the_peak_of_the_other_machine_allows() -> None:
    """1000 operations, half of them left, on 40 units: 12.5 cycles at least."""
    dense = outcome("dense", 100, 10, Pace(1.0))
    half = outcome("half", 13, 40, Pace(0.5, zeros="half is left"))
    silent = outcome("silent", 1, 40, None)
    limits = peak_limits([dense, half, silent], "dense", ("U", "M"), {"a": 1.0})
    assert limits[1] == (pytest.approx(8.0), "half is left; 40 units, all of them busy")
    assert [limits[place][1] for place in (0, 2)] == ["", ""]
    assert [limits[place][0] == limits[place][0] for place in (0, 2)] == [False, False]
    (_, (few, _)) = peak_limits([dense, half], "dense", ("U", "M"), {"a": 0.25})
    assert few == pytest.approx(32.0)
    for known, baseline in (({}, "dense"), ({"a": 1.0}, None)):
        unknown = peak_limits([dense, half], baseline, ("U", "M"), known)
        assert [reason for _, reason in unknown] == ["", ""]
    nothing = outcome("nothing", 1, 40, Pace(0.0))
    assert peak_limits([dense, nothing], "dense", ("U", "M"), {"a": 1.0})[1][1] == ""


def test_no_ratio_is_beyond_its_limit(result: RunResult) -> None:
    assert result.beyond_limits.empty
    limits = result.layers.set_index(["scheme", "layer"])
    binary = limits.loc[("binary", "block.conv1")]
    dense = limits.loc[("dense", "block.conv1")]
    assert binary["cycles_limit"] == pytest.approx(dense["cycles"] * 64 / (8 * 72 * 36))
    assert binary["limit_from"].endswith("; 64 units, all of them busy")


def test_it_is_saved_and_read_again(result: RunResult, tmp_path: Path) -> None:
    again = load_run(result.save(tmp_path / "run"))
    assert again.machines is not None
    assert result.machines is not None
    pd.testing.assert_frame_equal(again.machines, result.machines, rtol=1e-12)
    assert (tmp_path / "run" / "machines.csv").read_text().startswith("scheme,arch,multiplier")
    assert len(json.loads(json.dumps(result.to_dict()))["machines"]) == 4
    hwsim.run(tiny_network(), overrides=SMALL).save(tmp_path / "run")
    assert not (tmp_path / "run" / "machines.csv").exists()
    assert load_run(tmp_path / "run").machines is None


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("machines", [], "equal_area.machines: should be one for each of the schemes, in order"),
        ("limit", 0.0, "equal_area.limit: should be greater than 0"),
        ("left_out", None, "equal_area.left_out: should be a valid list"),
    ],
)
def test_a_saved_run_that_was_edited(
    result: RunResult, tmp_path: Path, key: str, value: Any, said: str
) -> None:
    folder = result.save(tmp_path / "run")
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text())
    manifest["equal_area"][key] = value
    file.write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=re.escape(said)):
        load_run(folder)


def refused(said: str, arch: str | Arch = "sigma", schemes: Any = SCHEMES, **asked: Any) -> None:
    with pytest.raises(InputError) as error:
        hwsim.run(tiny_network(), arch, schemes, equal_area=True, **asked)
    assert str(error.value) == said


def test_what_cannot_be_compared_is_refused_by_name() -> None:
    refused("equal area is the dense machine's: add the scheme dense", schemes=["binary"])
    refused(
        "energy table 'stonne': its components are as large for narrow weights as for wide ones; "
        "equal area needs a model that knows widths, such as physical",
        energy="stonne",
    )
    refused(
        "machines are sized by the areas of one energy model. Got physical, physical-aladdin",
        energy="physical,physical-aladdin",
    )
    refused(
        "no layer to evaluate: equal area compares layers that every scheme changes; say which "
        "with --quantize-layers, all for every one",
        layers="stem",
    )
    refused(
        "arch 'sigma (multiplier=sign, weights=int1)', layer 'a layer of one weight': units that "
        "multiply by a sign take weights of the coding sign. Got 'value': choose schemes and "
        "layers with such weights, or a machine whose units multiply by numbers "
        "(multiplier=number)",
        overrides={"multiplier": "sign", "weights": "int1"},
    )
    bare = load_arch("sigma")
    refused(
        "arch 'sigma': equal area needs widths and node; add a technology section to the spec",
        replace(bare, technology=None),
    )


def test_prices_without_an_area_are_refused(tmp_path: Path) -> None:
    arch = load_arch(write(tmp_path, TINY + ERT))
    grown = arch.spec.model_copy(update={"growth": load_arch("simple").spec.growth})
    with pytest.raises(InputError, match="knows no area of it in um2, so there is no equal area"):
        comparison(replace(arch, spec=grown))


def test_a_unit_that_the_engine_does_not_count() -> None:
    arch = load_arch("sigma")
    assert arch.spec.growth is not None
    growth = arch.spec.growth.model_copy(update={"component": "MULTIPLYER"})
    spec = arch.spec.model_copy(update={"growth": growth})
    with pytest.raises(InputError) as error:
        comparison(replace(arch, spec=spec))
    assert str(error.value).endswith(
        ": engine 'sigma' has no 'MSNetwork MULTIPLYER'; did you mean 'MSNetwork MULTIPLIER'?"
    )


def test_other_studies_refuse_it() -> None:
    request = Request(tiny_network(), equal_area=True)
    with pytest.raises(InputError) as error:
        hwsim.sweep(request, sparsity="0.5")
    assert str(error.value) == (
        "a sweep knows no equal area: pruned weights need the units that dense ones need"
    )
    with pytest.raises(InputError, match=r"^a check knows no equal area: it runs one machine$"):
        hwsim.validate(request)


def test_a_request_says_yes_or_no_and_travels() -> None:
    with pytest.raises(InputError, match=r"^equal_area: expected True or False\. Got 'yes'$"):
        Request(equal_area="yes")  # type: ignore[arg-type]
    request = Request("a.npz", equal_area=True)
    assert Request.from_bytes(request.to_bytes()) == request
    assert [each.name for each in request.load_run_prices(load_arch("sigma"))] == ["physical"]
    asked = replace(request, energy="physical-aladdin").load_run_prices(load_arch("sigma"))
    assert [each.name for each in asked] == ["physical-aladdin"]


def test_units_that_wait_are_told() -> None:
    """Eight values a port and vector: a vector takes eight cycles, of which seven are waited."""
    found = hwsim.run(
        tiny_network(), "sigma", ["dense"], layers="block.conv1",
        overrides={"num_ms": 32, "dn_bw": 4}, energy="physical", equal_area=True,
    )  # fmt: skip
    assert found.machines is not None
    assert found.machines["waits"].iloc[0] == pytest.approx(7 / 8, abs=0.04)


def built(units: int, area: float) -> Built:
    return Built(load_arch("sigma"), units, area)


def test_how_long_units_wait_is_weighed_by_cycles() -> None:
    own = built(2, 10.0)
    found = EqualArea(own, {"dense": Sized(own, None)}, {"dense": (1, 1)}, {}, 0.0, "physical")
    paces = [Pace(1.0, waits=0.5), Pace(1.0, waits=0.1)]
    outcomes = [outcome("dense", 300, 2, paces[0]), outcome("dense", 100, 2, paces[1])]
    (machine,) = found.to_manifest(outcomes)["machines"]
    assert machine["waits"] == pytest.approx(0.4)
    for pace in (None, Pace(1.0)):
        (machine,) = found.to_manifest([*outcomes, outcome("dense", 1, 2, pace)])["machines"]
        assert machine["waits"] is None


def shown(result: RunResult) -> str:
    from rich.console import Console

    console = Console(width=120, record=True, file=io.StringIO())
    console.print(run_report(result))
    return console.export_text()


def test_the_report_names_what_has_to_be_known(result: RunResult) -> None:
    text = " ".join(shown(result).split())
    assert "granularity dense, signed-binary: 32 units each, the next size does not fit" in text
    assert "fit granularity binary, ternary: 64 units each" in text
    assert "units MSNetwork MULTIPLIER; num_ms grows: multipliers, with the ports" in text
    assert (
        "binary: an XOR a bit, weights of int1, num_ms 64, dn_bw 64, rn_bw 64; 128 units would be "
        "17.0% too large; too large in 6 of 8 structures"
    ) in text
    assert "signed-binary: an AND a bit, weights of int1; 64 units would be 0.9% too large" in text
    waits = result.manifest["equal_area"]["machines"][3]["waits"]
    assert waits > 0.2
    assert (
        "bandwidth signed-binary: units wait for memories or ports in "
        f"{100 * waits:.1f}% of the cycles; the machine is limited by bandwidth"
    ) in text
    assert "left out 3 layers with 20.1% of the operations" in text
    assert "mappings each machine has its own" in text
    assert "the engine does not say how long units wait" not in text
    machines = result.manifest["equal_area"]["machines"]
    few = {**result.manifest["equal_area"], "left_out": []}
    few["machines"] = [
        {**each, "waits": waits}
        for each, waits in zip(machines, (0.19, 0.2, None, 0.21), strict=True)
    ]
    text = " ".join(shown(replace(result, manifest={**result.manifest, "equal_area": few})).split())
    named = {scheme for scheme in SCHEMES if f"bandwidth {scheme}: units wait" in text}
    assert named == {"binary", "signed-binary"}
    assert "bandwidth the engine does not say how long units wait" in text
    assert "left out" not in text
