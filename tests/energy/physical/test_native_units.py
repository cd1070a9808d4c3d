"""Machines whose units multiply by signs, masks or both: their areas by arithmetic of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.arch.multiplier import multiplier_area
from hwsim.arch.parts import Components
from hwsim.energy import load_energy_table, price
from hwsim.energy.breakdown import EnergyBreakdown
from hwsim.energy.physical.weights import widest_product_bits
from hwsim.engines.protocol import activity_of
from hwsim.engines.registry import load_engine
from hwsim.errors import InputError
from hwsim.workload import Workload
from hwsim.workload.operands import Coding, Operands
from tests.energy.physical.test_layer_by_hand import (
    ADDERS,
    AREA_40,
    AREA_45,
    BUS_BITS,
    adder_area,
)

#: A bit of the comparator of Aladdin, and of its register, um2 at 28 nm.
GATE, REGISTER = 71 / 32 * AREA_40, 5.98 * AREA_40


def priced(name: str | Path, coding: Coding, **settings: Any) -> EnergyBreakdown:
    """A layer of one weight, for what the machine is."""
    bits = {"value": 8, "sign": 1, "ternary": 2, "zero": 1}[coding]
    operands = Operands(coding, bits, 0, 1, 1, 1, 1)
    workload = Workload(
        "one", np.ones((1, 1, 1), np.int8), 1, "linear", coding=coding, operands=operands
    )
    arch = load_arch(name, settings)
    activity = activity_of(load_engine(arch.engine), workload, arch)
    return price(activity, load_energy_table("physical"), arch, operands)


@pytest.mark.parametrize(
    ("multiplier", "bits"), [("sign", 8), ("mask", 8), ("ternary", 16), ("number", None)]
)
def test_a_unit_by_hand(multiplier: str, bits: int | None) -> None:
    technology = load_arch("sigma", {"multiplier": multiplier}).technology
    assert technology is not None
    expected = 282 * AREA_45 if bits is None else bits * GATE
    area = multiplier_area(technology, Components(28))
    assert area.value == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("multiplier", "bits"), [("sign", 1), ("mask", 16), ("ternary", 17)])
def test_of_a_float_a_sign_flips_one_bit(multiplier: str, bits: int) -> None:
    technology = load_arch("sigma-hpca2020", {"multiplier": multiplier}).technology
    assert technology is not None
    area = multiplier_area(technology, Components(28))
    assert area.value == pytest.approx(bits * GATE, rel=1e-6)


@pytest.mark.parametrize(
    ("multiplier", "weights", "bits"),
    [
        ("number", "int8", 16),
        ("number", "int1", 9),
        ("sign", "int8", 9),
        ("ternary", "int2", 9),
        ("mask", "int1", 9),
    ],
)
def test_a_product_with_a_sign_is_one_bit_wider(multiplier: str, weights: str, bits: int) -> None:
    technology = load_arch("sigma", {"multiplier": multiplier, "weights": weights}).technology
    assert technology is not None
    assert widest_product_bits(technology) == bits


def test_a_binary_sigma_by_hand() -> None:
    """Activation, sign, three queues of 9-bit products; adders from 10 to 17 bits."""
    areas = priced("sigma", "sign", weights="int1", multiplier="sign").area_by_unit
    registers = 256 * (8 + 1 + 3 * 9) + 3 * (32 - 9)
    assert areas["MSNetwork"] == pytest.approx(256 * 8 * GATE + registers * REGISTER, rel=1e-6)
    # Seven bits less than a tree of 8 x 8 bits; Dally's adders of 8 and 16 bits are 36 and 67 um2.
    adders, queues = 0.0, 0.0
    for number, bits in ADDERS:
        narrow = bits - 7
        low = 36 * (narrow / 8) ** np.log2(67 / 36) * AREA_45
        area = low if narrow <= 16 else adder_area(narrow)
        adders += (number - 1) * area + adder_area(32)
        queues += 5 * ((number - 1) * narrow + 32)
    assert areas["ReduceNetwork"] == pytest.approx(adders + queues * REGISTER, rel=1e-5)
    assert areas["CollectionBus"] == pytest.approx(BUS_BITS * REGISTER, rel=1e-6)
    dense = priced("sigma", "value").area_by_unit
    assert areas["GlobalBuffer"] == dense["GlobalBuffer"]


def test_masks_negate_on_the_way_to_the_buffer() -> None:
    settings: dict[str, Any] = {"weights": "int1", "num_ms": 32, "dn_bw": 32, "rn_bw": 8}
    signs = priced("sigma", "sign", multiplier="sign", **settings)
    masks = priced("sigma", "zero", multiplier="mask", **settings)
    added = masks.area_by_unit["ReduceNetwork"] - signs.area_by_unit["ReduceNetwork"]
    assert added == pytest.approx(8 * adder_area(32), rel=1e-6)


def test_an_eyeriss_of_signs_by_hand() -> None:
    """168 PEs: of a PE a gate a bit and an adder are left of the multiplier and adder."""
    dense = priced("eyeriss-like", "value").area_by_unit
    signs = priced("eyeriss-like", "sign", weights="int1", multiplier="sign").area_by_unit
    gate = Components(45).gate_area(1).value
    # An operand of 1 bit, one of 16, a sum; between the stages two products of 17 bits, a sum.
    registers = (1 + 16 + 16 + 2 * 17 + 16) * Components(45).register_area(1).value
    assert signs["MAC"] == pytest.approx(168 * (16 * gate + 67 + registers), rel=1e-6)
    assert {**signs, "MAC": 0} == {**dense, "MAC": 0}


def test_the_adders_of_masks_subtract() -> None:
    signs = priced("eyeriss-like", "sign", weights="int1", multiplier="sign")
    masks = priced("eyeriss-like", "zero", weights="int1", multiplier="mask")
    added = masks.area_by_unit["MAC"] - signs.area_by_unit["MAC"]
    assert added == pytest.approx(168 * Components(45).gate_area(16).value, rel=1e-6)


def test_an_eie_of_signs_has_no_code_book() -> None:
    part = Components(45)
    dense, signs = priced("eie", "value"), priced("eie", "sign", weights="int1", multiplier="sign")
    assert dense.area is not None
    assert signs.area is not None
    number = 16  # bits of a number in the code book of 16
    wide = load_arch("eie", {"weights": "int16"}).technology
    assert wide is not None
    multiplier = part.multiplier_area(wide.weights, wide.activations).value
    saved = part.register_area(16 * number).value + multiplier - part.gate_area(16).value
    assert dense.area - signs.area == pytest.approx(64 * saved, rel=1e-6)
    assert not any(row.component == "CodeBook" and row.energy for row in signs.rows)


@pytest.mark.parametrize(
    ("multiplier", "taken"),
    [
        ("number", {"value", "ternary", "sign", "zero"}),
        ("ternary", {"ternary", "sign", "zero"}),
        ("sign", {"sign"}),
        ("mask", {"zero"}),
    ],
)
def test_units_take_the_weights_that_they_can(multiplier: str, taken: set[Coding]) -> None:
    codings: tuple[Coding, ...] = ("value", "ternary", "sign", "zero")
    for coding in codings:
        if coding in taken:
            assert priced("sigma", coding, num_ms=8, multiplier=multiplier).area
        else:
            with pytest.raises(InputError):
                priced("sigma", coding, num_ms=8, multiplier=multiplier)


def test_other_weights_are_refused_by_name() -> None:
    with pytest.raises(InputError) as error:
        priced("sigma", "value", num_ms=8, multiplier="ternary")
    assert str(error.value) == (
        "arch 'sigma (num_ms=8, multiplier=ternary)', layer 'one': units that multiply by a "
        "ternary take weights of the coding ternary or sign or zero. Got 'value': choose "
        "schemes and layers with such weights, or a machine whose units multiply by numbers "
        "(multiplier=number)"
    )
