"""Several images mapped together, and passes that keep their weights for them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.engines.timeloop.layers.layer_machine import OperandBits, images_of, layer_machine
from hwsim.engines.timeloop.terms.machine import RampUp
from hwsim.errors import InputError
from tests.engines.timeloop.layers.small_layers import TINY, convolution, random_mask, write

_BATCH = "  batch: {value: 1, unit: images, minimum: 1, maximum: 64, meaning: images}\n"
IMAGES = TINY.replace("components: []", _BATCH + "components: []").replace(
    "design:\n", "design:\n  images: batch\n"
)
_RAMP = """\
design:
  ramp_up:
    {below: Buffer, replaced: Weights, words_per_cycle: {Weights: 4, Inputs: 1.5}}
"""


def test_results_are_those_of_one_image_on_average(tmp_path: Path) -> None:
    engine = SparseloopEngine()
    workload = convolution(random_mask((1, 8, 16, 3, 3), 0.5), (3, 3))
    plain = engine.simulate(workload, load_arch(write(tmp_path, TINY)))
    path = write(tmp_path, IMAGES)
    one = engine.simulate(workload, load_arch(path))
    several = engine.simulate(workload, load_arch(path, {"batch": 4}))
    assert images_of(load_arch(path, {"batch": 4})) == 4
    assert one.cycles == plain.cycles  # a dimension of length 1 changes nothing
    assert one.counts == plain.counts
    assert several.macs == one.macs == 8 * 16 * 9 * 9
    assert several.by_action()["MAC", "MAC", "computes"] == 8 * 16 * 9 * 9
    weights = ("DRAM", "Weights", "reads")
    assert several.by_action()[weights] == one.by_action()[weights] / 4
    inputs = ("DRAM", "Inputs", "reads")
    assert several.by_action()[inputs] >= 16 * 25
    assert several.utilization <= 1
    assert several.cycles == one.cycles  # all units work all the time


def test_cycles_of_an_image_are_whole(tmp_path: Path) -> None:
    """Five products of each of four images take five cycles of four units: two for an image."""
    arch = load_arch(write(tmp_path, IMAGES), {"batch": 4})
    workload, engine = convolution(np.ones((1, 5, 1, 1, 1)), (1, 1)), SparseloopEngine()
    assert engine.evaluation(workload, arch)[0].cycles == 5
    assert engine.simulate(workload, arch).cycles == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "images: batch",
            "images: batsch",
            "'batsch' is no parameter of the spec; did you mean 'batch'",
        ),
        ("below: Buffer", "below: Bufer", "below: expected one of Registers, Buffer, DRAM. Got"),
        (
            "Inputs: 1.5}",
            "Inputs: 1.5}, order: at one",
            "order: should be 'one by one' or 'at once'. Got",
        ),
        ("replaced: Weights", "replaced: W", "replaced: expected one of Weights, Inputs, Outputs."),
        ("Inputs: 1.5", "Input: 1.5", "words_per_cycle: expected one of Weights, Inputs, Outputs"),
    ],
)
def test_names_that_do_not_stand_for_anything(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = IMAGES.replace("design:\n", _RAMP).replace(old, new)
    with pytest.raises(InputError) as caught:
        SparseloopEngine().check(load_arch(write(tmp_path, text)))
    assert message in str(caught.value)


def test_the_machine_waits_for_what_the_design_says(tmp_path: Path) -> None:
    arch = load_arch(write(tmp_path, IMAGES.replace("design:\n", _RAMP)))
    assert arch.technology is not None
    machine = layer_machine(arch, OperandBits.of(None, arch.technology))
    assert machine.ramp_up == RampUp(1, "Weights", {"Weights": 4.0, "Inputs": 1.5})
    at_once = _RAMP.replace("Inputs: 1.5}", "Inputs: 1.5}, order: at once")
    other = load_arch(write(tmp_path, IMAGES.replace("design:\n", at_once)))
    ramp_up = layer_machine(other, OperandBits.of(None, arch.technology)).ramp_up
    assert ramp_up == replace(machine.ramp_up, at_once=True)
    plain = load_arch(write(tmp_path, TINY))
    assert layer_machine(plain, OperandBits.of(None, arch.technology)).ramp_up is None
    assert images_of(plain) is None
    fixed = load_arch(write(tmp_path, TINY.replace("design:\n", "design:\n  images: 3\n")))
    assert images_of(fixed) == 3
    workload = convolution(np.ones((1, 4, 4, 1, 1), dtype=bool))
    waits, works = (SparseloopEngine().simulate(workload, each).cycles for each in (arch, plain))
    assert waits > works
