"""The engine that runs timeloop-model, with a stand-in that computes what the program would."""

import sys
import types

import pytest

import hwsim
from hwsim.engines.programs import Limits
from hwsim.engines.programs._process import ProcessRunner
from hwsim.engines.timeloop.figures.result import TimeloopResult
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.engines.timeloop.program.engine import TimeloopEngine, find_timeloop
from hwsim.engines.timeloop.program.program_inputs import as_timeloop_can
from hwsim.errors import InputError, ProgramError
from hwsim.schemes import quantize
from hwsim.workload import lower
from tests.arch.quick_search import quick_arch
from tests.engines.programs import stand_ins
from tests.studies.networks import tiny_network

pytestmark = pytest.mark.outside

#: Reads the files as Timeloop does, without hwsim's own attributes.
MODEL = """
    import pathlib
    from hwsim.engines.timeloop.evaluation import evaluate
    from hwsim.engines.timeloop.spec import read_evaluation_inputs, read_inputs
    from hwsim.engines.timeloop.spec.architecture.extension import without_extension
    from hwsim.engines.timeloop.figures.stats_file import write_stats

    data = without_extension(read_inputs(sys.argv[1:]).data)
    write_stats(evaluate(*read_evaluation_inputs(data)), pathlib.Path())
"""
WRONG = (
    MODEL
    + """
    file = pathlib.Path("timeloop-model.stats.txt")
    text = file.read_text()
    place = text.index("Scalar fills (per-instance)", text.index("=== Registers"))
    place = text.index(":", place) + 2
    file.write_text(text[:place] + "1" + text[place:])
"""
)
HALF = (
    MODEL
    + """
    file = pathlib.Path("timeloop-model.stats.txt")
    file.write_text(file.read_text()[:3000])
"""
)


def engine(folder, body, **options):
    return TimeloopEngine(ProcessRunner(stand_ins.program(folder, body), Limits(**options)))


@pytest.fixture
def arch(tmp_path):
    return hwsim.load_arch(quick_arch(tmp_path, "simple"))


@pytest.fixture
def workload():
    return lower(quantize(tiny_network(), "signed-binary").layers[1])


def test_the_activity_has_the_counts_of_our_engine(tmp_path, arch, workload):
    theirs = engine(tmp_path, MODEL).simulate(workload, arch)
    ours = SparseloopEngine("statistical").simulate(workload, arch)
    assert theirs.cycles == ours.cycles
    assert theirs.macs == ours.macs
    # Words are the same; Timeloop's network carries them all, and rows differ by a last one.
    for key, count in theirs.counts.items():
        if key[1] != "MAC" and not key[2].startswith("vector_"):
            assert count == pytest.approx(ours.counts.get(key, 0), rel=0.01), key
    for key, count in ours.counts.items():
        if key[2].startswith("vector_") and count:
            assert theirs.counts[key] == pytest.approx(count, rel=0.3), key


@pytest.mark.parametrize(
    ("design", "memory", "rows"),
    [
        # run lengths of 4 bits and ends of columns of 16, in rows of 64
        ("eie-like", "WeightRAM", {"fills": 160, "reads": 5592}),
        # run lengths of 4 bits and ends of columns of 8, in rows of 8
        ("eyeriss_v2_pe", "WeightSpad", {"fills": 1623, "reads": 9737}),
    ],
)
def test_metadata_and_payload_fill_rows(tmp_path, workload, design, memory, rows):
    arch = hwsim.load_arch(quick_arch(tmp_path, design))
    theirs = engine(tmp_path, MODEL).simulate(workload, arch).by_action()
    evaluation, _ = SparseloopEngine("statistical").evaluation(workload, arch)
    ours = TimeloopResult(as_timeloop_can(evaluation)).activity.by_action()
    compared = [key for key in {**theirs, **ours} if key[2].startswith("vector_metadata_")]
    assert {key[0] for key in compared} >= {"DRAM", memory}
    for key in compared:
        assert theirs[key] == pytest.approx(ours[key], rel=1e-5), key
    for action, count in rows.items():
        assert theirs[memory, "Weights", f"vector_metadata_{action}"] == count


@pytest.mark.parametrize(
    ("body", "ending"),
    [
        (stand_ins.CRASHES, "ended with exit code 3; its last words: 'out of luck'"),
        (stand_ins.DIES, "died with signal 11 (SIGSEGV); it printed nothing"),
        ('print("hello")', "left no usable result: timeloop-model.stats.txt: no such file"),
        (
            HALF,
            "left no usable result: timeloop-model.stats.txt: ends too early; 'Summary Stats' is "
            "missing",
        ),
        (
            'import os; open("timeloop-model.stats.txt", "wb").write(os.urandom(999))',
            "left no usable result: timeloop-model.stats.txt: no statistics file of Timeloop; "
            "expected 'Buffer and Arithmetic Levels' at the top",
        ),
    ],
)
def test_a_program_that_fails(tmp_path, arch, workload, body, ending):
    with pytest.raises(ProgramError) as error:
        engine(tmp_path, body).simulate(workload, arch)
    assert str(error.value) == f"{tmp_path / 'stonne'}: {ending}"


def test_a_program_that_hangs(tmp_path, arch, workload):
    with pytest.raises(ProgramError, match=r"did not end within 0\.3 s"):
        engine(tmp_path, "import time; time.sleep(60)", seconds=0.3).simulate(workload, arch)


def test_no_program(monkeypatch):
    monkeypatch.delenv("HWSIM_TIMELOOP_MODEL", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "pytimeloop", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError) as error:
        find_timeloop()
    assert str(error.value) == (
        "no program of Timeloop: give --program FILE, set HWSIM_TIMELOOP_MODEL, put "
        "'timeloop-model' on the PATH, or use --docker default (image "
        "timeloopaccelergy/accelergy-timeloop-infrastructure)"
    )


def test_the_front_end_is_taken_where_there_is_no_program(monkeypatch):
    monkeypatch.delenv("HWSIM_TIMELOOP_MODEL", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: types.SimpleNamespace(name=name))
    runner, layout = find_timeloop()
    assert (runner.name, layout) == (sys.executable, "v0.4")


def test_the_environment_names_the_program(monkeypatch, tmp_path):
    file = stand_ins.program(tmp_path, MODEL)
    monkeypatch.setenv("HWSIM_TIMELOOP_MODEL", str(file))
    runner, layout = find_timeloop()
    assert (runner.name, layout) == (str(file), "v0.3")


def test_the_front_end_is_not_taken_for_a_program_that_was_named(monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: types.SimpleNamespace(name=name))
    with pytest.raises(InputError, match="no such program"):
        find_timeloop(tmp_path / "none")
