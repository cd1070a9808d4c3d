"""What the result file of any run begins with: hardware, layer and tile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hwsim.engines.stonne.files.settings import StonneSettings

#: STONNE's numbers of its kinds of layers.
_LAYER_TYPES: Final = {"CONV": 0, "DenseGEMM": 3, "FC": 3, "SparseGEMM": 3}
#: Settings that only a configuration file changes, at their defaults.
_SWITCH: Final = {"latency": 1, "input_ports": 1}
_WORD: Final = 16
_DEFAULTS: Final[Mapping[str, Mapping[str, int]]] = {
    "DSNetwork": {"n_switches_traversed_by_cycle": 23},
    "DSwitch": {**_SWITCH, "output_ports": 2, "port_width": _WORD},
    "MSwitch": {
        **_SWITCH,
        "output_ports": 1,
        "forwarding_ports": 1,
        "port_width": _WORD,
        "buffers_capacity": 2048,
    },
    "ASwitch": {
        "latency": 1,
        "input_ports": 2,
        "output_ports": 1,
        "forwarding_ports": 1,
        "port_width": _WORD,
        "buffers_capacity": 256,
    },
    "LookUpTable": {"latency": 1, "port_width": 1},
    "SDMemory": {"port_width": _WORD},
}
#: Words that the queue of the memory controller holds.
_WRITE_BUFFER: Final = 256


def run_stats(
    settings: StonneSettings, layer: Mapping[str, int], tile: Mapping[str, int] | None
) -> dict[str, Any]:
    """Give the first sections of the ``.txt`` file.

    Parameters
    ----------
    settings : StonneSettings
        What the program was told.
    layer : mapping of str to int
        ``R S C K G N X Y X_ Y_`` of the layer, as :func:`gemm_layer` gives them for a GEMM.
    tile : mapping of str to int, optional
        As :func:`tile_stats` gives it; a sparse GEMM has none.
    """
    stats: dict[str, Any] = {
        "hardwareConfiguration": _hardware(settings),
        "LayerConfiguration": {"Layer_Type": _LAYER_TYPES[settings.operation], **layer},
    }
    return stats if tile is None else {**stats, "TileConfiguration": dict(tile)}


def gemm_layer(M: int, N: int, K: int) -> dict[str, int]:
    """Give a dense GEMM as the convolution that STONNE takes it for."""
    of_window = {"R": 1, "S": K, "C": 1, "K": N, "G": 1, "N": 1}
    return {**of_window, "X": M, "Y": K, "X_": M, "Y_": 1}


def tile_stats(tile: Mapping[str, int], *, folding: bool) -> dict[str, int]:
    """Give a tile with what follows from it.

    Parameters
    ----------
    tile : mapping of str to int
        ``T_R T_S T_C T_K T_G T_N T_X_ T_Y_``.
    folding : bool
        Whether a multiplier of each virtual neuron brings its partial sum back.
    """
    size = tile["T_R"] * tile["T_S"] * tile["T_C"]
    neurons = tile["T_K"] * tile["T_G"] * tile["T_N"] * tile["T_X_"] * tile["T_Y_"]
    return {
        **tile,
        "VN_Size": size + folding,
        "Num_VNs": neurons,
        "folding_enabled": int(folding),
    }


def _hardware(settings: StonneSettings) -> dict[str, Any]:
    fixed = {
        section: {**keys, **settings.hardware.get(section, {})}
        for section, keys in _DEFAULTS.items()
    }
    num_ms, rows, columns = settings.numbers("num_ms", "ms_rows", "ms_cols")
    sparse = settings.operation == "SparseGEMM"
    controller = "SIGMA_SPARSE_GEMM" if sparse else "MAERI_DENSE_WORKLOAD"
    return {
        "print_stats_enabled": settings.number("print_stats"),
        "DSNetwork": fixed["DSNetwork"],
        "DSwitch": fixed["DSwitch"],
        "MSNetwork": {
            "multiplier_network_type": settings.values.get("mn_type", "LINEAR"),
            "ms_rows": rows,
            "ms_columns": columns,
            "ms_size": num_ms,
        },
        "MSwitch": fixed["MSwitch"],
        "ReduceNetwork": {
            "reduce_network_type": settings.values.get("rn_type", "ASNETWORK"),
            "accumulation_buffer_enabled": settings.number("accumulation_buffer"),
        },
        "ASwitch": fixed["ASwitch"],
        "LookUpTable": fixed["LookUpTable"],
        "SDMemory": {
            "mem_controller_type": settings.values.get("mem_ctrl", controller),
            "write_buffers_capacity": _WRITE_BUFFER,
            "dn_bw": settings.number("dn_bw"),
            "rn_bw": settings.number("rn_bw"),
            **fixed["SDMemory"],
        },
    }
