from __future__ import annotations

import re
from pathlib import Path

import pytest

from hwsim.arch import list_archs, load_arch, parse_overrides
from hwsim.errors import InputError
from hwsim.number_format import NumberFormat

SPEC = """\
schema: 1
extends: sigma
name: mine
technology:
  node: 45 nm
  sources: {node: a paper}
"""


def test_every_shipped_arch_states_its_technology_with_sources() -> None:
    for name in list_archs():
        arch = load_arch(name)
        if arch.engine != "sigma":
            continue
        spec = arch.spec.technology
        assert spec is not None
        assert arch.technology is not None
        assert set(spec.sources) >= {"node", "clock", "buffer", "dram", "weights"}


def test_sigma_in_numbers() -> None:
    technology = load_arch("sigma").technology
    assert technology is not None
    assert (technology.node_nm, technology.clock_hz, technology.voltage_v) == (28.0, 5e8, None)
    assert technology.buffer_bytes == 108 * 1024
    assert technology.weights == technology.activations == NumberFormat(8, False, "int8")
    assert technology.partial_sums.name == "int32"


def test_the_technology_is_set_like_a_parameter_and_shown_in_the_label() -> None:
    texts = parse_overrides(["node=45nm", "clock=1.5 GHz", "num_ms=64", "weights=int16"])
    assert texts == {"node": "45nm", "clock": "1.5 GHz", "num_ms": 64, "weights": "int16"}
    arch = load_arch("sigma", texts)
    assert arch.technology is not None
    assert arch.technology.node_nm == 45
    assert arch.technology.clock_hz == 1.5e9
    assert arch.technology.weights.bits == 16
    assert arch["num_ms"] == 64
    assert arch.label == "sigma (num_ms=64, node=45nm, clock=1.5 GHz, weights=int16)"
    assert arch.spec.technology is not None
    assert arch.spec.technology.sources["node"] == "set by the user"


def test_what_logic_leaks_like_is_a_choice_of_the_technology() -> None:
    there = load_arch("sigma").technology
    low = load_arch("sigma", {"transistors": "low-standby"}).technology
    assert there is not None
    assert low is not None
    assert (there.transistors, low.transistors) == ("general", "low-standby")
    with pytest.raises(InputError, match=r"transistors .*'general' or 'low-standby'.*Got 'high'"):
        load_arch("sigma", {"transistors": "high"})


def test_a_spec_inherits_what_it_does_not_say(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(SPEC)
    technology = load_arch(path).technology
    assert technology is not None
    assert (technology.node_nm, technology.clock_hz) == (45.0, 5e8)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"node": "45"},
            "arch 'sigma': node should be a positive number and its unit (nm). Got '45'",
        ),
        (
            {"clock": "0 MHz"},
            "arch 'sigma': clock should be a positive number and its unit (kHz or MHz or GHz). "
            "Got '0 MHz'",
        ),
        (
            {"weights": "int80"},
            "arch 'sigma': weights should be a number format: int8 (1 to 64 bits), fp16, bf16, "
            "fp32. Got 'int80'",
        ),
        (
            {"weight_storage": "zip"},
            "arch 'sigma': weight_storage should be 'smallest', 'bitmask' or 'dense'. Got 'zip'",
        ),
        (
            {"dram": "lpddr9"},
            "arch 'sigma': dram should be a kind of DRAM. Got 'lpddr9'; known: DDR3, HBM2, LPDDR, "
            "LPDDR-Horowitz, LPDDR4",
        ),
        (
            {"weights": "fp16"},
            "arch 'sigma': partial_sums of int32 hold no products of weights of fp16; change "
            "both, e.g. to fp32 sums",
        ),
        (
            {"partial_sums": "int7"},
            "arch 'sigma': partial_sums should be as wide as activations at least, which sums "
            "become: 8 bits. Got int7",
        ),
    ],
)
def test_bad_overrides_are_refused_in_one_line(overrides: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        load_arch("sigma", overrides)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "node: 45 nm",
            "node: 45 furlongs",
            ", line 5: technology.node: should be a positive number and its unit (nm). "
            "Got '45 furlongs'",
        ),
        (
            "  node: 45 nm\n",
            "  node: 45 nm\n  voltage: 0.8 V\n",
            ", line 4: technology: voltage has no source; add it to technology.sources",
        ),
        ("node: 45 nm", "knode: 45 nm", ", line 5: technology: unknown key 'knode'; did you mean"),
        (
            "node: 45 nm",
            "dram: LPDDR9",
            ", line 5: technology.dram: should be a kind of DRAM. Got 'LPDDR9'; did you mean "
            "'LPDDR'?",
        ),
        (
            "{node: a paper}",
            "{nodes: a paper}",
            ", line 4: technology: sources: no key 'nodes'; did you mean 'node'?",
        ),
    ],
)
def test_a_bad_section_is_told_with_file_line_and_key(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(SPEC.replace(before, after))
    with pytest.raises(InputError, match=f"^{re.escape(str(path) + message)}"):
        load_arch(path)


def test_a_spec_without_technology_cannot_have_it_set(tmp_path: Path) -> None:
    path = tmp_path / "bare.yaml"
    path.write_text(
        "schema: 1\nname: bare\ntitle: t\nsource: s\nengine: sigma\nenergy_table: stonne\n"
        "parameters:\n  lanes: {value: 4, unit: x, minimum: 1, maximum: 9, meaning: m}\n"
        "components: []\n"
    )
    assert load_arch(path).technology is None
    message = "arch 'bare': node: the spec has no technology section to change"
    with pytest.raises(InputError, match=f"^{message}$"):
        load_arch(path, {"node": "45 nm"})


def test_what_can_be_set_is_what_overrides_take() -> None:
    sigma, designed = load_arch("sigma"), load_arch("eyeriss_v2")
    assert set(sigma.settable) > {*sigma.parameters, *sigma.options, "node", "buffer", "tree_width"}
    assert "distribution" in sigma.settable
    not_there = {"buffer", "weight_storage", "controller", "tree_width", "tree_registers"}
    technology = set(designed.settable) - set(designed.parameters)
    assert technology == {
        "node",
        "clock",
        "voltage",
        "weights",
        "activations",
        "partial_sums",
        "dram",
        "transistors",
        "multiplier",
    }
    for name in not_there:
        with pytest.raises(InputError, match=f"{name}: the spec"):
            load_arch("eyeriss_v2", {name: "108 KB"})


def test_without_a_technology_none_of_it_can_be_set(tmp_path: Path) -> None:
    path = tmp_path / "bare.yaml"
    path.write_text(
        "schema: 1\nname: bare\ntitle: t\nsource: s\nengine: sigma\nenergy_table: stonne\n"
        "parameters: {lanes: {value: 1, unit: u, minimum: 1, maximum: 2, meaning: m}}\n"
        "components: []\n"
    )
    assert load_arch(path).settable == ("lanes",)
