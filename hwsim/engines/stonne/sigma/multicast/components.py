"""The components of the published SIGMA, and how many there are of each."""

from __future__ import annotations

from hwsim.activity import ComponentKey
from hwsim.engines.stonne.sigma.multicast.sizes import MulticastSizes


def component_instances(sizes: MulticastSizes) -> dict[ComponentKey, int]:
    """Count the components; names are those of STONNE's counters.

    Notes
    -----
    A Benes network of n inputs has ``2 log2(n) + 1`` levels of n switches with two inputs (Qin et
    al., HPCA 2020, section IV-A). A multiplier has a register for each operand and its product, an
    adder one for its sum (``flexdpe.v`` and ``fan_network.v`` of the authors' public RTL,
    georgia-tech-synergy-lab/SIGMA).
    """
    switches = sizes.engines * sizes.benes_levels * sizes.dn_bw
    adders = sizes.num_ms - 1
    return {
        ("DSNetwork", "DN_WIRE"): switches + sizes.num_ms,
        ("DSNetwork", "SWITCH"): switches,
        ("MSNetwork", "MULTIPLIER"): sizes.num_ms,
        ("MSNetwork", "FIFO"): 3 * sizes.num_ms,
        ("ReduceNetwork", "RN_WIRE"): 2 * adders,
        ("ReduceNetwork", "ADDER"): adders,
        ("ReduceNetwork", "FIFO"): adders,
        ("GlobalBuffer", "GLOBALBUFFER"): 1,
        ("CollectionBus", "CB_WIRE"): sizes.rn_bw,
        ("CollectionBus", "FIFO"): sizes.rn_bw,
    }
