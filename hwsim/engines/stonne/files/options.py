"""The options of STONNE's command line: their names, choices and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Value = int | str

#: Operations by the option that asks for them; ``-FC`` runs what ``-DenseGEMM`` does.
OPERATIONS: Final = ("CONV", "DenseGEMM", "FC", "SparseGEMM")
REDUCE_NETWORKS: Final = ("ASNETWORK", "FENETWORK", "TEMPORALRN")
MULTIPLIER_NETWORKS: Final = ("LINEAR", "OS_MESH")
CONTROLLERS: Final = (
    "MAERI_DENSE_WORKLOAD",
    "SIGMA_SPARSE_GEMM",
    "TPU_OS_DENSE",
    "MAGMA_SPARSE_DENSE",
)
DATAFLOWS: Final = ("MK_STA_KN_STR", "MK_STR_KN_STA")
TARGETS: Final = ("none", "performance", "energy", "energy_efficiency")
#: The program's own, and hwsim's search for the tile with the fewest cycles.
GENERATORS: Final = ("auto", "mRNA", "StonneMapper", "fastest")

PORTS: Final[Mapping[str, Value]] = {"num_ms": 64, "dn_bw": 4, "rn_bw": 4}
_PRINTED: Final[Mapping[str, Value]] = {"print_stats": 1}
_REDUCTION: Final[Mapping[str, Value]] = {"accumulation_buffer": 0, "rn_type": "ASNETWORK"}
_NETWORKS: Final[Mapping[str, Value]] = {
    "ms_rows": 0,
    "ms_cols": 0,
    "mn_type": "LINEAR",
    "mem_ctrl": "MAERI_DENSE_WORKLOAD",
}
_MAPPER: Final[Mapping[str, Value]] = {"generate_tile": "none", "generator": "auto"}
_GEMM: Final[Mapping[str, Value]] = {
    "layer_name": "TestLayer",
    "M": 1,
    "N": 1,
    "K": 3,
    "T_M": 1,
    "T_N": 1,
    "T_K": 1,
}
#: Every option of every operation, with the program's default.
DEFAULTS: Final[Mapping[str, Mapping[str, Value]]] = MappingProxyType(
    {
        "CONV": {
            **PORTS,
            **_REDUCTION,
            **_PRINTED,
            "layer_name": "TestLayer",
            "R": 1,
            "S": 3,
            "C": 1,
            "K": 1,
            "G": 1,
            "N": 1,
            "X": 1,
            "Y": 3,
            "strides": 1,
            "T_R": 1,
            "T_S": 3,
            "T_C": 1,
            "T_K": 1,
            "T_G": 1,
            "T_N": 1,
            "T_X_": 1,
            "T_Y_": 1,
            **_MAPPER,
        },
        "DenseGEMM": {**PORTS, **_REDUCTION, **_NETWORKS, **_PRINTED, **_GEMM, **_MAPPER},
        "FC": {**PORTS, **_REDUCTION, **_NETWORKS, **_PRINTED, **_GEMM, **_MAPPER},
        "SparseGEMM": {
            **PORTS,
            **_PRINTED,
            "layer_name": "GEMMTestLayer",
            "M": 4,
            "N": 4,
            "K": 8,
            "MK_sparsity": 20,
            "KN_sparsity": 20,
            "dataflow": "MK_STA_KN_STR",
            "optimize": 0,
        },
    }
)
