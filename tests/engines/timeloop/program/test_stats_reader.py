"""Statistics files are read as they are written, whole or not at all."""

import gzip
import json
import math

import pytest

from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.stats_file import stats_text
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
