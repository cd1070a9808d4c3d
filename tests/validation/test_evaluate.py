"""Machines whose search keeps to published loops."""

from hwsim.arch import load_arch
from hwsim.validation._evaluate import mapped
from tests.engines.timeloop.layers.small_layers import TINY, write

LISTED = "[{target: Buffer, type: temporal, factors: [M=1]}]"
OWN = {"target": "Buffer", "type": "temporal", "factors": ["M=1"]}
ADDED = [
    {"target": "DRAM", "type": "temporal", "factors": ["C=2", "M=3"]},
    {"target": "Registers", "type": "temporal", "factors": ["P=1"]},
]


def constraints(folder, own=None):
    text = TINY
    if own is not None:
        text = TINY.replace("design:\n", f"design:\n  mapspace_constraints: {own}\n")
    arch = mapped(load_arch(write(folder, text)), {"DRAM": ["C=2", "M=3"], "Registers": ["P=1"]})
    return arch.spec.design.mapspace_constraints


def test_published_loops_stand_behind_the_machines_own_constraints(tmp_path):
    assert constraints(tmp_path) == ADDED
    assert constraints(tmp_path, LISTED) == [OWN, *ADDED]
    for key in ("targets", "constraints"):
        assert constraints(tmp_path, f"{{version: 0.4, {key}: {LISTED}}}") == [OWN, *ADDED]
    assert constraints(tmp_path, "{version: 0.4}") == ADDED
