"""The parts of SIGMA in Accelergy's terms, by hand."""

import pytest
import yaml

from hwsim.activity import ActionKey
from hwsim.arch import load_arch
from hwsim.energy.accelergy import write_accelergy
from hwsim.energy.accelergy._components import accelergy_components

pytestmark = pytest.mark.outside

BUFFER = ("GlobalBuffer", "GLOBALBUFFER")
PARTS = [
    *(("DSNetwork", "DN_WIRE"), ("DSNetwork", "SWITCH"), ("MSNetwork", "MULTIPLIER")),
    *(("ReduceNetwork", "ADDER"), ("ReduceNetwork", "FIFO"), BUFFER),
]


def parts(**sizes):
    arch = load_arch("sigma", sizes)
    return accelergy_components(arch, dict.fromkeys(PARTS, 1))


def test_every_part_of_sigma():
    found = parts(num_ms=16, dn_bw=4)
    assert list(found) == PARTS
    assert {name: part.kind for (_, name), part in found.items()} == {
        "DN_WIRE": "wire",
        "SWITCH": "bitwise",
        "MULTIPLIER": "intmultiplier",
        "ADDER": "intadder",
        "FIFO": "register",
        "GLOBALBUFFER": "SRAM",
    }
    assert {name: part.attributes for (_, name), part in found.items()} == {
        "DN_WIRE": {"datawidth": 32, "length": 0.00035},
        "SWITCH": {"datawidth": 32},
        "MULTIPLIER": {"datawidth": 8},
        "ADDER": {"datawidth": 32},
        "FIFO": {"datawidth": 32},
        # 108 KB in rows of four activations of 8 bits
        "GLOBALBUFFER": {"width": 32, "depth": 27648},
    }
    assert {name: part.actions for (_, name), part in found.items()} == {
        "DN_WIRE": {"WRITE": ("transfer_random", 1)},
        "SWITCH": {"ROUTE_UNICAST": ("process", 1), "ROUTE_BROADCAST": ("process", 2)},
        "MULTIPLIER": {"MULTIPLICATION": ("multiply", 1)},
        "ADDER": {"ADD_2_1": ("add", 1), "ADD_3_1": ("add", 2)},
        "FIFO": {"PUSH": ("write", 1)},
        "GLOBALBUFFER": {"READ": ("read", 0.25), "WRITE": ("write", 1.0)},
    }
    assert {name: part.included for (_, name), part in found.items() if part.included} == {
        "DN_WIRE": ("READ",),
        "MULTIPLIER": ("FORWARD_PSUM", "CONFIGURATION"),
        "ADDER": ("CONFIGURATION",),
        "FIFO": ("POP", "FRONT"),
    }


def test_rows_of_the_buffer_are_at_most_1024_bits_wide():
    wide = parts(num_ms=256, dn_bw=256)[BUFFER]
    assert wide.attributes == {"width": 1024, "depth": 864}
    assert wide.actions == {"READ": ("read", 8 / 1024), "WRITE": ("write", 32 / 1024)}


def test_a_last_row_that_is_not_full_is_a_row():
    odd = parts(num_ms=16, dn_bw=4, activations="int7")[BUFFER]
    assert odd.attributes == {"width": 28, "depth": 31598}  # 884,736 bits are 31,597.7 rows


def test_a_multiplier_is_made_for_the_wider_operand_and_floats_are_wider():
    def multiplier(**formats):
        arch = load_arch("sigma", {"num_ms": 16, **formats})
        part = accelergy_components(arch, {("MSNetwork", "MULTIPLIER"): 1})
        return next(iter(part.values()))

    assert multiplier(weights="int4").attributes == {"datawidth": 8}
    assert multiplier(weights="int16").attributes == {"datawidth": 16}
    half = multiplier(weights="fp16", activations="int32", partial_sums="fp32")
    assert (half.kind, half.attributes) == ("fpmultiplier", {"exponent": 5, "mantissa": 10})


@pytest.mark.parametrize(("multiplier", "bits"), [("sign", 8), ("mask", 8), ("ternary", 16)])
def test_units_that_multiply_by_no_number_are_gates(multiplier, bits):
    arch = load_arch("sigma", {"num_ms": 16, "multiplier": multiplier})
    (part,) = accelergy_components(arch, {("MSNetwork", "MULTIPLIER"): 1}).values()
    assert (part.kind, part.attributes) == ("bitwise", {"datawidth": bits})
    assert part.actions == {"MULTIPLICATION": ("process", 1)}
    assert part.included == ("FORWARD_PSUM", "CONFIGURATION")


@pytest.mark.parametrize(("reads", "shown"), [(3, 0.75), (4, 1), (0, 0)])
def test_counts_are_whole_where_they_are(tmp_path, reads, shown):
    arch = load_arch("sigma", {"num_ms": 16, "dn_bw": 4})
    counts = {
        ActionKey(*BUFFER, "READ", "weights"): reads,
        ActionKey(*BUFFER, "READ", "activations"): 0,
        ActionKey("DSNetwork", "DN_WIRE", "WRITE"): 9,
    }
    _, file = write_accelergy(tmp_path, arch, {BUFFER: 1}, counts, cycles=7)
    assert yaml.safe_load(file.read_text()) == {
        "action_counts": {
            "version": 0.4,
            "local": [
                {
                    "name": "chip.GlobalBuffer.GLOBALBUFFER",
                    "action_counts": [
                        {"name": "leak", "counts": 7},
                        {"name": "read", "counts": shown},
                    ],
                }
            ],
        }
    }
    counted = yaml.safe_load(file.read_text())["action_counts"]["local"][0]["action_counts"]
    assert isinstance(counted[1]["counts"], int) == (shown != 0.75)
