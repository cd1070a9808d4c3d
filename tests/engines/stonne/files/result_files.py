"""Result files in the form in which STONNE's program writes them, from figures."""

import json

_UNITS = ("DSNetwork", "MSNetwork", "ReduceNetwork", "GlobalBuffer", "CollectionBus")


def counters_text(result):
    """A ``.counters`` file: a line an instance, the counts on the first one.

    ``result`` has ``cycles``, ``counters[unit][component][action]`` and
    ``instances[unit][component]``, like the measured cases and ``GemmResult.to_dict()``.
    """
    lines = [f"CYCLES={result['cycles']}"]
    for unit in _UNITS:
        lines.append(f"[{unit}]")
        for component, actions in result["counters"][unit].items():
            for instance in range(result["instances"][unit][component]):
                counts = (f"{name}={0 if instance else n}" for name, n in actions.items())
                lines.append(" ".join([component, *counts]))
    return "\n".join([*lines, "", ""])


def stats_text(result, M, K, N, num_ms):
    """An ``output_stats_*.txt`` file, with the sections that hwsim reads."""
    layer = {"Layer_Type": 3, "R": 1, "S": K, "C": 1, "K": M, "G": 1, "N": 1}
    document = {
        "hardwareConfiguration": {"MSNetwork": {"ms_rows": 0, "ms_columns": 0, "ms_size": num_ms}},
        "LayerConfiguration": {**layer, "X": N, "Y": K, "X_": N, "Y_": 1},
        "GlobalStats": {"N_cycles": result["cycles"]},
        "SDMemoryStats": {**result["sdmemory"], "N_SRAM_write_ports_use": [0, 0]},
    }
    return json.dumps(document, indent=4) + "\n"


def write_result(folder, result, M, K, N, num_ms, name="layer"):
    stem = f"output_stats_layer_{name}_architecture_MSes_{num_ms}_dnbw_1_rn_bw_1timestamp_1"
    (folder / f"{stem}.counters").write_text(counters_text(result))
    (folder / f"{stem}.txt").write_text(stats_text(result, M, K, N, num_ms))
    return folder / f"{stem}.counters", folder / f"{stem}.txt"
