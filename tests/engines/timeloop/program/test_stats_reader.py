"""Statistics files are read as they are written, whole or not at all."""

import gzip
import json
import math
import re
import time

import pytest

from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.stats_file import stats_text
from hwsim.engines.timeloop.program import stats_reader
from hwsim.engines.timeloop.program.stats_reader import parse_stats, read_stats
from hwsim.engines.timeloop.spec import read_evaluation_inputs
from hwsim.errors import InputError
from tests.measured import golden_folder


def cases():
    path = golden_folder("timeloop") / "cases.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines][::4]


def text_of(case):
    return stats_text(evaluate(*read_evaluation_inputs(case["inputs"])))


def plain(labels):
    """The measured labels, without figures of accesses that there are none of."""
    return {
        key: plain(value) if isinstance(value, dict) else None if math.isnan(value) else value
        for key, value in labels.items()
    }


def close(found, measured):
    for label, value in measured.items():
        if isinstance(value, dict):
            close(found[label], value)
        elif value is None:
            assert found[label] is None
        else:
            assert found[label] == pytest.approx(value, rel=1e-3, abs=0.0101), label


def test_the_figures_of_measured_cases_are_found():
    for case in cases():
        found, measured = parse_stats(text_of(case), "x"), case["stats"]
        assert found.cycles == measured["Cycles"]
        assert found.utilization == pytest.approx(measured["Utilization"], abs=0.0101)
        assert found.energy_pj == pytest.approx(measured["Energy"] * 1e6, rel=1e-3)
        assert found.levels.keys() == measured["levels"].keys()
        close(found.levels, plain(measured["levels"]))


def test_the_activity_is_that_of_the_engine():
    from hwsim.engines.timeloop.figures.result import TimeloopResult

    for case in cases()[::5]:
        evaluation = evaluate(*read_evaluation_inputs(case["inputs"]))
        ours = TimeloopResult(evaluation).activity
        theirs = parse_stats(stats_text(evaluation), "x").activity
        assert theirs.cycles == ours.cycles
        assert theirs.macs == ours.macs
        assert theirs.effectual_macs == ours.effectual_macs
        for key, count in theirs.counts.items():
            # used instances are rounded to two decimals
            assert count == pytest.approx(ours.counts.get(key, 0), rel=1e-2), key
            assert key[:2] in ours.instances


def test_metadata_of_ranks_are_found():
    case = next(case for case in cases() if case["kind"] == "skip_both")
    found = parse_stats(text_of(case), "x")
    assert found.ranks
    for labels in found.ranks.values():
        ranks = labels["Max utilized Repr format storage capacity"]
        assert any(metadata > 0 for metadata, _ in ranks)
    assert found.algorithmic_computes > found.computes


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.98, 0.999])
def test_a_file_cut_short(tmp_path, share):
    for number in (0, -1):
        text = text_of(cases()[number])
        file = tmp_path / "timeloop-model.stats.txt"
        file.write_text(text[: int(share * len(text))])
        with pytest.raises(InputError) as error:
            read_stats(file)
        assert str(error.value).startswith(f"{file}: ends too early; ")


def test_other_files(tmp_path):
    file = tmp_path / "x.txt"
    with pytest.raises(InputError, match="no such file"):
        read_stats(file)
    file.write_bytes(bytes(range(256)) * 10)
    with pytest.raises(InputError) as error:
        read_stats(file)
    assert str(error.value) == (
        f"{file}: no statistics file of Timeloop; expected 'Buffer and Arithmetic Levels' at the "
        "top"
    )
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_stats(tmp_path)


def test_a_file_larger_than_any_run_writes(tmp_path, monkeypatch):
    assert stats_reader._SIZE_LIMIT_BYTES == 20e6  # as the message says
    file = tmp_path / "timeloop-model.stats.txt"
    text = text_of(cases()[0])
    file.write_text(text)
    monkeypatch.setattr(stats_reader, "_SIZE_LIMIT_BYTES", len(text))
    assert read_stats(file) == parse_stats(text, "x")
    monkeypatch.setattr(stats_reader, "_SIZE_LIMIT_BYTES", len(text) - 1)
    with pytest.raises(InputError, match="larger than 20 MB; expected a statistics file"):
        read_stats(file)


def test_a_file_of_more_lines_than_any_run_writes():
    text = text_of(cases()[0])
    parse_stats("\n".join([text.rstrip("\n"), ""]), "x")
    many = text.replace("STATS\n", "STATS\n" + "\n" * stats_reader._MOST_LINES, 1)
    with pytest.raises(InputError, match="x: more than 200,000 lines; expected a statistics"):
        parse_stats(many, "x")


def test_a_long_line_takes_no_longer_than_it_is():
    """Of a million blanks; a pattern that tries every way to share them out takes for ever."""
    text = text_of(cases()[0])
    for line in (" " * 1_000_000 + "x", " a" + " " * 1_000_000 + "b:", " :" * 500_000):
        long = text.replace("STATS\n", f"STATS\n{line}\n", 1)
        began = time.process_time()
        assert parse_stats(long, "x").cycles == parse_stats(text, "x").cycles
        assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"Cycles: \d+", f"Cycles: {'9' * 400}"),
        (r"Computes = \d+", f"Computes = {'9' * 5000}"),
        (r"Instances( *): \d+", rf"Instances\1: {'9' * 5000}"),
        (r"Energy: [\d.]+", "Energy: 1.2.3"),
    ],
)
def test_figures_that_are_no_numbers_of_a_run(old, new):
    text = re.sub(old, new, text_of(cases()[0]))
    with pytest.raises(InputError, match="x: a figure cannot be read: "):
        parse_stats(text, "x")


TEXT = """\
Buffer and Arithmetic Levels
----------------------------
Level 0
-------
=== MAC ===

    SPECS
    -----
    Instances             : 4 (2*2)

    STATS
    -----
    Computes (total)      : 12
    Energy (total)        : 3 pJ

Level 1
-------
=== GLB ===

    SPECS
    -----
        Instances         : 2 (1*2)

    STATS
    -----
    Cycles                : 7
    A:
        Scalar reads (per-instance) : 5
        Energy (total)    : 1.5 pJ
    B:
        Scalar reads (per-instance) : 6
        Energy (total)    : nan pJ

Networks
--------
Network 0
---------
GLB <==> MAC

    SPECS
    -----
        Type            : 1
    STATS
    -----
    A:
        Ingresses       : 9
Network 1
---------
Far

    B:
        Ingresses       : 8

Operational Intensity Stats
---------------------------
    A:
        Ingresses       : 77

Summary Stats
-------------
Utilization: 37.50%
Cycles: 8
Energy: 0.25 uJ
Area: 1.50 mm^2

Computes = 12
pJ/Compute
    MAC = 0.25
    Total = 20.833
"""


def test_each_line_belongs_to_its_level_data_space_or_network():
    found = parse_stats(TEXT, "x")
    assert found.levels == {
        "MAC": {"Computes (total)": 12, "Energy (total)": 3},
        "GLB": {
            "Cycles": 7,
            "A": {"Scalar reads (per-instance)": 5, "Energy (total)": 1.5},
            "B": {"Scalar reads (per-instance)": 6, "Energy (total)": None},
        },
    }
    assert found.networks == {
        "GLB <==> MAC": {"Type": 1, "A": {"Ingresses": 9}},
        "Far": {"B": {"Ingresses": 8}},
    }
    assert (found.cycles, found.computes, found.algorithmic_computes) == (8, 12, 12)
    assert (found.energy_pj, found.access_energy_pj) == (250_000, 4.5)
    assert (found.utilization, found.area_mm2, found.ranks) == (37.5, 1.5, {})
    assert found.activity.utilization == 0.375


def test_a_level_that_stands_twice():
    lines = TEXT.replace("=== GLB ===", "=== MAC ===").splitlines()
    number = [place for place, line in enumerate(lines, 1) if line == "=== MAC ==="][1]
    with pytest.raises(InputError) as refused:
        parse_stats("\n".join(lines) + "\n", "x")
    assert str(refused.value) == f"x, line {number}: level 'MAC' stands twice"


def test_dense_runs_have_one_figure_of_instances():
    average, most = (
        "Utilized instances (average)",
        "Utilized instances (max)",
    )
    assert average == stats_reader.AVERAGE_INSTANCES
    assert most == stats_reader.MOST_INSTANCES
    assert stats_reader.used_instances({most: 3}) == 3
    assert stats_reader.used_instances({average: 2.5, most: 3}) == 2.5
    assert stats_reader.used_instances({average: 0, most: 3}) == 0
    assert stats_reader.used_instances({}) == 0


def activity_of(*replaced):
    text = TEXT
    for line, lines in replaced:
        assert text.count(line) == 1
        text = text.replace(line, lines)
    found = parse_stats(text, "x").activity
    return {" ".join(filter(None, key)): count for key, count in found.counts.items()}, found


def test_counts_of_a_dense_run_are_of_all_instances():
    reads = "        Scalar reads (per-instance) : 5\n"
    counts, found = activity_of(
        (reads, f"{reads}        Utilized instances (max) : 2\n"),
    )
    assert counts == {
        "MAC MAC computes": 12, "MAC MAC gated_computes": 0, "MAC MAC skipped_computes": 0,
        "GLB A reads": 10, "GLB B reads": 0,
    }  # fmt: skip
    assert found.instances == {("MAC", "MAC"): 4, ("GLB", "A"): 2, ("GLB", "B"): 2}


def test_counts_of_a_sparse_run_are_of_what_becomes_of_accesses():
    counts, _ = activity_of(
        ("    Computes (total)      : 12\n",
         "    Actual Computes (total) : 7\n    Gated Computes (total)  : 3\n"
         "    Skipped Computes (total) : 2\n"),
        ("        Scalar reads (per-instance) : 5\n",
         "        Utilized instances (average) : 1.5\n"
         "        Actual scalar reads (per-instance) : 4\n"
         "        Gated scalar fills (per-instance) : 6\n"
         "        Skipped scalar updates (per-instance) : 8\n"
         "        Temporal reductions (per-instance) : 3\n"),
    )  # fmt: skip
    assert counts == {
        "MAC MAC computes": 7, "MAC MAC gated_computes": 3, "MAC MAC skipped_computes": 2,
        "GLB A reads": 6, "GLB A gated_fills": 9, "GLB A skipped_updates": 12,
        "GLB A temporal_reductions": 4.5, "GLB B reads": 0,
    }  # fmt: skip


def test_networks_end_where_intensities_begin_or_the_summary_does():
    start, end = (TEXT.index(title) for title in ("Operational Intensity Stats", "Summary Stats"))
    without = TEXT[:start] + TEXT[end:]
    assert parse_stats(without, "x") == parse_stats(TEXT, "x")
