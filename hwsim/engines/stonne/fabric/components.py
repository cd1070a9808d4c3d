"""The components of a fabric of trees as STONNE builds it, and how many there are of each."""

from __future__ import annotations

from hwsim.activity import ComponentKey


def component_instances(num_ms: int, dn_bw: int, rn_bw: int) -> dict[ComponentKey, int]:
    """Count the components, in the order of STONNE's counters; all sizes are powers of two."""
    leaves = num_ms // dn_bw
    depth = num_ms.bit_length() - 1
    # 2^(l - 1) - 1 pairs of neighbours without a common parent on each level l below the root
    forwarding_links = num_ms // 2 - depth
    bus_inputs = num_ms // rn_bw + 1
    instances = {("DSNetwork", "DN_WIRE"): dn_bw * (2 * leaves - 1)}
    if leaves > 1:
        instances["DSNetwork", "SWITCH"] = dn_bw * (leaves - 1)
    instances |= {
        ("MSNetwork", "MN_WIRE"): num_ms - 1,
        ("MSNetwork", "MULTIPLIER"): num_ms,
        ("MSNetwork", "FIFO"): 5 * num_ms,
        ("ReduceNetwork", "RN_WIRE"): 2 * (num_ms - 1) + forwarding_links,
        ("ReduceNetwork", "ADDER"): num_ms - 1,
        ("ReduceNetwork", "FIFO"): 5 * (num_ms - 1),
        ("GlobalBuffer", "GLOBALBUFFER"): 1,
        ("CollectionBus", "CB_WIRE"): rn_bw * (bus_inputs + 1),
        ("CollectionBus", "FIFO"): rn_bw * bus_inputs,
    }
    return instances
