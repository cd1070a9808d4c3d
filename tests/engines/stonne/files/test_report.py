"""How STONNE lays out its result files."""

from hwsim.engines.stonne.files.report import (
    LATE,
    CounterLine,
    StonneReport,
    Unbroken,
    queue_line,
    queue_stats,
    wire_line,
)
from hwsim.engines.stonne.files.run_stats import gemm_layer, run_stats, tile_stats
from hwsim.engines.stonne.files.settings import StonneSettings


def test_layout_of_the_statistics():
    component = {"Total_cycles": 2, LATE + "InputFifo": queue_stats(3, 2, 1), "Last": {}}
    stats = {"Name": "x", "Units": [component, [1, 2], []], "Buffer": {"In": Unbroken({"a": 1})}}
    assert StonneReport(5, stats, {}).stats_text() == (
        '{\n    "Name" : "x",\n    "Units" : [\n'
        '        {\n            "Total_cycles" : 2\n'
        '            ,"InputFifo" : {\n                "N_pops" : 2,\n'
        '                "N_pushes" : 3,\n                "N_fronts" : 0,\n'
        '                "Max_occupancy" : 1\n            },\n'
        '            "Last" : {\n            }\n        },\n'
        "        [\n            1,\n            2\n        ],\n        [\n        ]\n    ],\n"
        '    "Buffer" : {\n        "In" : {\n            "a" : 1\n        }    }\n}\n'
    )


def test_layout_of_the_counters(tmp_path):
    lines = {"DSNetwork": [wire_line("DN_WIRE", 4)], "Bus": [queue_line(1, 2, 3)]}
    report = StonneReport(7, {}, {**lines, "End": [CounterLine("X", {"A": 1, "B": 2})]})
    assert report.counters_text() == (
        "CYCLES=7\n[DSNetwork]\nDN_WIRE WRITE=4 READ=0\n[Bus]\nFIFO PUSH=1 POP=2 FRONT=3\n"
        "[End]\nX A=1 B=2\n\n"
    )
    stats, counters = report.write(tmp_path, "output_1")
    assert (stats.name, counters.name) == ("output_1.txt", "output_1.counters")
    assert counters.read_text() == report.counters_text()
    assert stats.read_text() == "{\n}\n"


def test_what_a_configuration_file_changes_is_repeated():
    settings = StonneSettings.of("SparseGEMM", {"num_ms": 16}).with_hardware(
        {"dn_bw": 8, "ms_rows": 3}, {"MSwitch": {"latency": 2}}
    )
    stats = run_stats(settings, gemm_layer(2, 3, 4), None)
    hardware = stats["hardwareConfiguration"]
    assert hardware["MSNetwork"] == {
        "multiplier_network_type": "LINEAR",
        "ms_rows": 0,
        "ms_columns": 0,
        "ms_size": 16,
    }
    assert hardware["MSwitch"]["latency"] == 2
    assert hardware["ASwitch"]["latency"] == 1
    assert hardware["SDMemory"]["mem_controller_type"] == "SIGMA_SPARSE_GEMM"
    assert hardware["SDMemory"]["dn_bw"] == 8
    assert "TileConfiguration" not in stats


def test_a_tile_that_folds_takes_a_multiplier_more():
    tile = {"T_R": 3, "T_S": 2, "T_C": 5, "T_K": 2, "T_G": 3, "T_N": 1, "T_X_": 2, "T_Y_": 7}
    assert tile_stats(tile, folding=False)["VN_Size"] == 30
    folded = tile_stats(tile, folding=True)
    assert (folded["VN_Size"], folded["Num_VNs"], folded["folding_enabled"]) == (31, 84, 1)
