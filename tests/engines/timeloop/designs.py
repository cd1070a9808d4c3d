"""Small designs to evaluate."""


def three_levels(instances=1, depth=4096, **dram):
    """DRAM, a global buffer, and PEs with a scratchpad and a multiplier each."""
    name = f"PE[0..{instances - 1}]"
    buffer = {"width": 16, "word_bits": 16, "block_size": 1, "metadata_storage_width": 16}
    capacity = {"depth": depth, "metadata_storage_depth": depth}
    pe = [
        {"name": "Spad", "class": "regfile", "attributes": {**buffer, **capacity}},
        {"name": "MAC", "class": "intmac", "attributes": {"datawidth": 16}},
    ]
    glb = {"name": "GLB", "class": "SRAM", "attributes": {**buffer, **capacity}}
    chip = {"name": "chip", "local": [glb], "subtree": [{"name": name, "local": pe}]}
    memory = {"name": "DRAM", "class": "DRAM", "attributes": {**buffer, **dram}}
    system = {"name": "system", "local": [memory], "subtree": [chip]}
    return {"version": 0.3, "subtree": [system]}


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


def temporal(target, factors, permutation="MNK"):
    return {"target": target, "type": "temporal", "factors": factors, "permutation": permutation}


def spatial(target, factors, permutation="MNK", split=3):
    return {**temporal(target, factors, permutation), "type": "spatial", "split": split}


def table(instances=1, **energies):
    """An energy table: pJ of a read and a write of each level, and of an operation."""
    prices = {"DRAM": 100.0, "GLB": 10.0, "Spad": 1.0, **energies}
    tables = [
        {
            "name": f"system.{name}",
            "actions": [
                {"name": action, "arguments": {}, "energy": energy}
                for action in ("read", "write", "update")
            ],
        }
        for name, energy in prices.items()
    ]
    operation = {"name": "mac_random", "arguments": {}, "energy": 2.0}
    tables.append({"name": f"system.PE[0..{instances - 1}].MAC", "actions": [operation]})
    return {"version": 0.3, "tables": tables}
