"""A small machine in which every part takes energy, for figures that are counted by hand."""

import hwsim
from tests.engines.timeloop.designs import gemm, spatial, table, temporal, three_levels


def priced_inputs():
    """Four PEs; the global buffer pays for addresses, leaks, and feeds a network of routers."""
    architecture = three_levels(4)
    glb = architecture["subtree"][0]["subtree"][0]["local"][0]["attributes"]
    glb |= {"addr_gen_energy": 0.5, "router_energy": 1.0, "energy_per_hop": 0.125}
    prices = table(4)
    prices["tables"][1]["actions"].append({"name": "leak", "arguments": {}, "energy": 0.25})
    return {
        "architecture": architecture,
        "problem": gemm(4, 6, 8),
        "mapping": [
            temporal("DRAM", "M=1 N=6 K=1"),
            spatial("GLB", "M=4 N=1 K=1"),
            temporal("GLB", "M=1 N=1 K=1"),
            temporal("Spad", "M=1 N=1 K=8"),
        ],
        "ERT": prices,
    }


def priced():
    """Evaluate it."""
    return hwsim.evaluate_timeloop(priced_inputs())
