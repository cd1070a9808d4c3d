"""Small designs that between them use every feature of the sparse analysis and of the figures."""

import numpy as np

from tests.engines.timeloop.designs import spatial, temporal

PRICES = {
    "read": 1.0,
    "write": 1.25,
    "update": 1.5,
    "gated_read": 0.25,
    "gated_write": 0.375,
    "skipped_read": 0.0625,
    "skipped_write": 0.125,
    "metadata_read": 0.5,
    "metadata_write": 0.625,
    "gated_metadata_read": 0.1875,
    "gated_metadata_write": 0.3125,
    "decompression_count": 0.75,
    "compression_count": 0.875,
    "leak": 0.03125,
}


def machine(pes=(1, 1), dram=None, glb=None, spad=None):
    """DRAM, a global buffer, and PEs with a scratchpad and a multiplier each."""
    memory = {"width": 32, "datawidth": 8, "metadata_storage_width": 16}
    buffer = {**memory, "width": 16, "depth": 1024, "metadata_storage_depth": 512}
    count = pes[0] * pes[1]
    scratchpad = {**buffer, "width": 8, "depth": 256, "metadata_storage_width": 8, "meshX": pes[0]}
    pe = [
        {"name": "Spad", "class": "regfile", "attributes": {**scratchpad, **(spad or {})}},
        {"name": "MAC", "class": "intmac", "attributes": {"datawidth": 8, "meshX": pes[0]}},
    ]
    local = [{"name": "GLB", "class": "SRAM", "attributes": {**buffer, **(glb or {})}}]
    chip = {
        "name": "chip",
        "local": local,
        "subtree": [{"name": f"PE[0..{count - 1}]", "local": pe}],
    }
    outer = [{"name": "DRAM", "class": "DRAM", "attributes": {**memory, **(dram or {})}}]
    return {
        "version": 0.3,
        "subtree": [{"name": "system", "local": outer, "subtree": [chip]}],
    }


def prices(pes):
    """Another factor for every level, so that no two are alike; areas for the networks."""
    count = pes[0] * pes[1]
    tables = [
        {
            "name": f"system.{name}",
            "actions": [
                {"name": action, "arguments": {}, "energy": energy * factor}
                for action, energy in PRICES.items()
            ],
        }
        for name, factor in (("DRAM", 64), ("chip.GLB", 8), (f"chip.PE[0..{count - 1}].Spad", 1))
    ]
    computes = {"mac_random": 2.0, "mac_gated": 0.5, "mac_skipped": 0.25}
    tables.append(
        {
            "name": f"system.chip.PE[0..{count - 1}].MAC",
            "actions": [
                {"name": name, "arguments": {}, "energy": energy}
                for name, energy in computes.items()
            ],
        }
    )
    areas = [
        {"name": "system.chip.GLB", "area": 5000.0},
        {"name": f"system.chip.PE[0..{count - 1}].Spad", "area": 100.0},
        {"name": f"system.chip.PE[0..{count - 1}].MAC", "area": 300.0},
    ]
    return {"version": 0.3, "tables": tables}, {"version": 0.3, "tables": areas}


def gemm(M, N, K, **densities):
    """Z[M, N] = A[M, K] B[K, N]."""
    shape = {
        "name": "GEMM",
        "dimensions": ["M", "N", "K"],
        "data_spaces": [
            {"name": "A", "projection": [[["M"]], [["K"]]]},
            {"name": "B", "projection": [[["K"]], [["N"]]]},
            {"name": "Z", "projection": [[["M"]], [["N"]]], "read_write": True},
        ],
    }
    return {"shape": shape, "instance": {"M": M, "N": N, "K": K, "densities": densities}}


def convolution(**densities):
    """O[M, P] = W[M, C, R] I[C, P + R]."""
    shape = {
        "name": "CONV",
        "dimensions": ["M", "P", "C", "R"],
        "data_spaces": [
            {"name": "W", "projection": [[["M"]], [["C"]], [["R"]]]},
            {"name": "I", "projection": [[["C"]], [["P"], ["R"]]]},
            {"name": "O", "projection": [[["M"]], [["P"]]], "read_write": True},
        ],
    }
    return {
        "shape": shape,
        "instance": {"M": 4, "P": 6, "C": 4, "R": 3, "densities": densities},
    }


def strewn(density):
    return {"distribution": "hypergeometric", "density": density}


def known(shape, share, seed=0):
    return {"distribution": "actual", "data": np.random.default_rng(seed).random(shape) < share}


def target(name, formats=None, savings=None, order=None):
    found = {"name": name}
    if formats:
        spaces = [
            {
                "name": space,
                "ranks": [rank if isinstance(rank, dict) else {"format": rank} for rank in ranks],
                **({"rank_application_order": order} if order else {}),
            }
            for space, ranks in formats.items()
        ]
        found["representation_format"] = {"data_spaces": spaces}
    if savings:
        found["action_optimization"] = [
            {
                "type": kind,
                "options": [{"target": of, "condition_on": list(on)} for of, on in options],
            }
            for kind, options in savings
        ]
    return found


def design(problem, mapping, targets=(), pes=(1, 1), compute=None, **levels):
    energies, areas = prices(pes)
    inputs = {
        "architecture": machine(pes, **levels),
        "problem": problem,
        "mapping": mapping,
        "ERT": energies,
        "ART": areas,
    }
    listed = list(targets)
    if compute:
        listed.append({"name": "MAC", "compute_optimization": [{"type": kind} for kind in compute]})
    if listed:
        inputs["sparse_optimizations"] = {"targets": listed}
    return inputs


def loops(dram, glb, spad, across=None, order="MNK", split=2, bypass=None):
    """A mapping of a GEMM."""
    found = [temporal("DRAM", dram, order)]
    if across:
        found.append(spatial("GLB", across, order, split))
    found += [temporal("GLB", glb, order), temporal("Spad", spad, order)]
    if bypass:
        found.append({"target": "GLB", "type": "bypass", "bypass": bypass})
    return found


ONE = loops("M=2 N=6 K=1", "M=1 N=1 K=3", "M=4 N=1 K=4")
STAY = loops("M=1 N=6 K=3", "M=2 N=1 K=1", "M=4 N=1 K=4", order="KMN", bypass=["B"])
WIDE = loops("M=1 N=6 K=1", "M=1 N=1 K=3", "M=4 N=1 K=2", "M=2 N=1 K=2", split=1)
NETWORK = {"router_energy": 1.5, "energy_per_ingress": 0.5, "wire_energy": 20.0}


def varied():
    """Designs by name."""
    b_twice = {"DRAM": ["UOP", "UOP", "CP"], "GLB": ["UOP", "CP"], "Spad": ["CP"]}
    b_ranks = [target(name, {"B": ranks}) for name, ranks in b_twice.items()]
    both = [
        target("DRAM", {"A": ["UOP", "UOP", "UOP", "RLE"], "B": ["UOP", "UOP", "CP"]}),
        target("GLB", {"B": ["UOP", "CP"]}),
        target("Spad", {"B": ["CP"]}, [("skipping", [("A", "B")])]),
    ]
    return {
        "dense": design(
            gemm(8, 6, 12),
            WIDE,
            pes=(4, 2),
            glb={**NETWORK, "addr_gen_energy": 0.5, "cluster_size": 1, "read_bandwidth": 1.0},
            dram={"shared_bandwidth": 0.5, "wire_energy": 7.0},
            spad={"power_gated_at": "GLB", "write_bandwidth": 3.0},
        ),
        "formats": design(gemm(8, 6, 12, B=0.4), ONE, b_ranks, glb={"addr_gen_energy": 0.5}),
        "strewn": design(gemm(8, 6, 12, B=strewn(0.4)), ONE, b_ranks),
        "gating": design(
            gemm(8, 6, 12, A=0.7, B=strewn(0.3)),
            ONE,
            [
                target(
                    "Spad", None, [("gating", [("A", "B"), ("B", "A")]), ("gating", [("Z", "AB")])]
                )
            ],
            compute=["gating"],
        ),
        "skipping": design(
            gemm(8, 6, 12, A=strewn(0.6), B=strewn(0.3)),
            ONE,
            both,
            compute=["skipping", "gating"],
            glb={"decompression_supported": True},
        ),
        "nested": design(
            gemm(8, 6, 12, A=0.5, B=strewn(0.25)),
            ONE,
            [
                target("DRAM", {"B": ["UOP", "UOP", "CP"]}, [("skipping", [("A", "B")])]),
                target("GLB", {"B": ["UOP", "CP"]}, [("skipping", [("A", "B"), ("Z", "B")])]),
                target("Spad", {"B": ["CP"]}, [("gating", [("A", "B")]), ("gating", [("Z", "B")])]),
            ],
            compute=["skipping"],
        ),
        "stationary": design(
            gemm(8, 6, 12, A=strewn(0.4), B=strewn(0.5)),
            STAY,
            [
                target("DRAM", {"A": ["UOP", "UOP", "UOP", "CP"]}),
                target("GLB", {"A": ["UOP", "UOP", "CP"]}, [("skipping", [("Z", "A")])]),
                target("Spad", {"A": ["UOP", "CP"]}, [("skipping", [("B", "A")])]),
            ],
        ),
        "in space": design(
            gemm(8, 6, 12, A=strewn(0.2), B=0.8),
            WIDE,
            [
                target("DRAM", {"A": ["UOP"] * 4 + ["CP"]}),
                target("GLB", {"A": ["UOP"] * 4 + ["CP"]}, [("skipping", [("B", "A")])]),
                target("Spad", {"A": ["UOP", "CP"]}, [("gating", [("Z", "A")])]),
            ],
            pes=(4, 2),
            glb=NETWORK,
        ),
        "plain inside": design(
            gemm(8, 6, 12, A=strewn(0.4), Z=0.5),
            ONE,
            [
                target("DRAM", {"A": ["UOP", "UOP", "UOP", "CP"], "Z": ["UOP", "UOP", "B"]}),
                target("GLB", {"A": ["UOP", "UOP", "CP"], "Z": ["B"]}),
            ],
            spad={"decompression_supported": True, "compression_supported": True},
        ),
        "masks": design(
            convolution(W=known((4, 4, 3), 0.5), I=known((4, 8), 0.6, 1)),
            [
                temporal("DRAM", "M=2 P=3 C=1 R=1", "PMCR"),
                spatial("GLB", "M=2 P=1 C=2 R=1", "MPCR", 1),
                temporal("GLB", "M=1 P=1 C=2 R=1", "CPMR"),
                temporal("Spad", "M=1 P=2 C=1 R=3", "RPMC"),
            ],
            [
                target("DRAM", {"W": ["UOP"] * 4 + ["B"], "I": ["UOP"] * 3 + ["RLE"]}),
                target("GLB", {"W": ["UOP"] * 3 + ["B"], "I": ["UOP"] * 2 + ["RLE"]}),
                target("Spad", {"W": ["B"]}, [("skipping", [("I", "W")])]),
            ],
            pes=(2, 2),
            glb=NETWORK,
            compute=["gating"],
            spad={"decompression_supported": True},
        ),
        "flattened": design(
            gemm(8, 6, 12, A=strewn(0.7)),
            ONE,
            [
                target(
                    "DRAM",
                    {
                        "A": [
                            {"format": "UOP", "flattened_rankIDs": [["M"]]},
                            {"format": "UB", "flattened_rankIDs": [["M", "K"]]},
                            {"format": "B", "flattened_rankIDs": [["M", "K"]]},
                        ],
                    },
                    order="inner-to-outer",
                ),
            ],
            glb={"decompression_supported": True, "multiple_buffering": 2.0},
        ),
        "banded": design(
            gemm(8, 6, 8, A={"distribution": "banded", "band_width": 2}),
            loops("M=2 N=6 K=2", "M=1 N=1 K=1", "M=4 N=1 K=4"),
            [
                target("DRAM", {"A": ["UOP", "UOP", "UOP", "CP"]}),
                target("GLB", {"A": ["UOP", "CP"]}, [("skipping", [("B", "A")])]),
                target("Spad", {"A": ["UOP", "CP"]}, [("gating", [("B", "A")])]),
            ],
        ),
        "remainders": design(
            gemm(8, 6, 11, B=strewn(0.4)),
            loops("M=2 N=6 K=1", "M=1 N=1 K=3", "M=4 N=1 K=4,3"),
            b_ranks,
        ),
    }
