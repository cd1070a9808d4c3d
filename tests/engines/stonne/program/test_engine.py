import os
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

import hwsim
from hwsim.engines import Engine, engine_names, load_engine
from hwsim.engines.programs import Limits, find_runner
from hwsim.engines.stonne.program import _operand_feed
from hwsim.engines.stonne.program._operand_feed import can_feed
from hwsim.engines.stonne.program.engine import (
    STONNE,
    StonneEngine,
    choose_operands,
    distinct_groups,
)
from hwsim.engines.stonne.sigma import SigmaEngine
from hwsim.errors import InputError, ProgramError
from hwsim.workload import Activations, Workload
from tests.engines.programs import stand_ins
from tests.engines.stonne.program.stand_ins import HALF, OTHER_DRAW, STAND_IN

pytestmark = pytest.mark.outside

needs_compiler = pytest.mark.skipif(not can_feed(), reason="no C compiler, or not Linux")


@pytest.fixture(scope="module")
def arch():
    return hwsim.load_arch("sigma", {"num_ms": 32, "dn_bw": 8, "rn_bw": 16})


def workload(groups=1, kind="conv"):
    bits = np.random.default_rng(1).random((groups, 6, 20)) < 0.4
    return Workload("layer1.0.conv1", bits, 3, kind)


def engine(tmp_path, body, operands="layer"):
    file = stand_ins.program(tmp_path, body)
    return StonneEngine(find_runner(STONNE, file, limits=Limits(seconds=60)), operands)


@needs_compiler
@pytest.mark.parametrize("kind", ["conv", "linear"])
@pytest.mark.parametrize("groups", [1, 2])
def test_a_layer_with_its_own_zeros(tmp_path, arch, kind, groups):
    problem = workload(groups, kind)
    theirs = engine(tmp_path, STAND_IN).simulate(problem, arch)
    ours = SigmaEngine().simulate(problem, arch)
    assert theirs.engine == "stonne"
    for name in ("cycles", "counts", "instances", "macs", "effectual_macs", "levels"):
        assert getattr(theirs, name) == getattr(ours, name), name
    assert theirs.utilization == pytest.approx(ours.utilization)
    for key, value in theirs.statistics.items():
        assert ours.statistics[key] == value, key


def test_random_operands_need_no_compiler(tmp_path, arch, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    runs = engine(tmp_path, STAND_IN, "random")
    activity, mk, kn = runs.run_group(workload(), arch)
    assert activity.counts == hwsim.simulate_gemm(mk, kn, arch).activity.counts
    assert mk.shape == (6, 20)
    assert kn.shape == (20, 3)


class Recorder:
    """A runner that starts nothing and remembers what it was to start."""

    name = "stonne"
    environment: dict[str, str]

    def inside(self, place, name):
        return f"/there/{name}"

    def run(self, arguments, place, environment):
        self.environment = dict(environment)
        raise ProgramError("not started")


@pytest.mark.parametrize(
    ("operands", "feed"),
    [
        ("random", {}),
        pytest.param(
            "layer",
            {"LD_PRELOAD": "/there/operand_feed.so", "HWSIM_OPERANDS": "/there/operands"},
            marks=needs_compiler,
        ),
    ],
)
def test_results_go_where_the_program_runs(arch, operands, feed):
    recorder = Recorder()
    with pytest.raises(ProgramError, match="not started"):
        StonneEngine(recorder, operands).run_group(workload(), arch)
    assert recorder.environment == {"OUTPUT_DIR": ".", **feed}


def test_equal_groups_are_run_once():
    bits = np.random.default_rng(1).random((3, 4, 9)) < 0.5
    bits[2] = bits[0]
    groups = distinct_groups(Workload("dw", bits, 5))
    assert [times for _, times in groups] == [2, 1]
    assert [group.groups for group, _ in groups] == [1, 1]


def test_groups_take_their_own_activations():
    present = np.array([[[1, 0, 1], [1, 1, 1]], [[0, 0, 1], [1, 0, 0]]], dtype=bool)
    workload = Workload(
        "dw", np.ones((2, 1, 3), dtype=bool), 2, activations=Activations(nonzeros=present)
    )
    groups = distinct_groups(workload)
    assert [times for _, times in groups] == [1, 1]
    assert [group.activations.nonzeros.tolist() for group, _ in groups] == [
        present[:1].tolist(),
        present[1:].tolist(),
    ]


@needs_compiler
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            stand_ins.NOT_STONNE,
            "did not take the layer's zeros (a program that is linked statically, or that is no "
            "STONNE, does not); --operands random does without",
        ),
        (
            stand_ins.NOTHING,
            "left no usable result: expected one output_stats_*.counters of STONNE. Found 0",
        ),
        (stand_ins.CRASHES, "ended with exit code 3; its last words: 'out of luck'"),
    ],
)
def test_no_result(tmp_path, arch, body, message):
    runs = engine(tmp_path, body)
    with pytest.raises(ProgramError) as error:
        runs.simulate(workload(), arch)
    assert str(error.value) == f"{tmp_path / 'stonne'}: {message}"


def test_a_death_over_a_short_reduction_is_explained(tmp_path, arch):
    short = Workload("short", np.ones((1, 4, 2), dtype=bool), 3)
    with pytest.raises(ProgramError) as error:
        engine(tmp_path, stand_ins.DIES, "random").simulate(short, arch)
    assert str(error.value) == (
        f"{tmp_path / 'stonne'}: died with signal 11 (SIGSEGV); it printed nothing; "
        "STONNE writes past its arrays when K is less than 3, and may die of it"
    )


@needs_compiler
@pytest.mark.parametrize(
    ("body", "part"),
    [
        (stand_ins.GARBAGE, "left no usable result: output_stats_layer_x.counters: is no text"),
        (HALF, "ends in the middle of the document"),
    ],
)
def test_a_damaged_result(tmp_path, arch, body, part):
    with pytest.raises(ProgramError) as error:
        engine(tmp_path, body).simulate(workload(), arch)
    assert part in str(error.value)
    assert "/tmp" not in str(error.value).replace(str(tmp_path), "")


def test_another_c_library_is_noticed(tmp_path, arch):
    with pytest.raises(ProgramError) as error:
        engine(tmp_path, OTHER_DRAW, "random").simulate(workload(), arch)
    assert "ran other operands than it should have" in str(error.value)
    assert str(error.value).endswith("its C library draws other numbers than the GNU one")


def test_a_machine_that_stonne_cannot_be(tmp_path, arch):
    from dataclasses import replace

    other = replace(arch, spec=arch.spec.model_copy(update={"engine": "maeri"}))
    with pytest.raises(InputError, match="is of the engine 'maeri'"):
        engine(tmp_path, STAND_IN).simulate(workload(), other)


def test_where_the_program_is(tmp_path, monkeypatch):
    monkeypatch.delenv("HWSIM_STONNE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError) as error:
        find_runner(STONNE)
    assert str(error.value) == (
        "no program of STONNE: give --program FILE, set HWSIM_STONNE, put 'stonne' on the PATH, "
        "or use --docker default (image stonnesimulator/stonne-simulators)"
    )
    on_path = stand_ins.program(tmp_path, stand_ins.SILENT)
    assert find_runner(STONNE).name == str(on_path)
    (tmp_path / "a").mkdir()
    named = stand_ins.program(tmp_path / "a", stand_ins.SILENT)
    monkeypatch.setenv("HWSIM_STONNE", str(named))
    assert find_runner(STONNE).name == str(named)
    assert find_runner(STONNE, on_path).name == str(on_path)


def test_the_engine_has_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("HWSIM_STONNE", str(stand_ins.program(tmp_path, stand_ins.SILENT)))
    assert "stonne" in engine_names()
    found = load_engine("stonne")
    assert isinstance(found, Engine)
    assert found.name == "stonne"


def test_choice_of_operands(monkeypatch):
    assert choose_operands("random") == "random"
    assert choose_operands("auto") == ("layer" if can_feed() else "random")
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", "")
    assert choose_operands("auto") == "random"
    with pytest.raises(InputError) as error:
        choose_operands("x")
    assert str(error.value) == "--operands: expected auto, layer or random. Got 'x'"


@pytest.mark.skipif(
    not (os.environ.get("HWSIM_STONNE") or shutil.which("stonne")),
    reason="no real STONNE: HWSIM_STONNE is not set and no stonne on the PATH",
)
@pytest.mark.parametrize("operands", ["layer", "random"])
def test_the_real_program(arch, operands):
    if operands == "layer" and not can_feed():
        pytest.skip("no C compiler")
    runs = StonneEngine(operands=operands)
    activity, mk, kn = runs.run_group(workload(), arch)
    ours = hwsim.simulate_gemm(mk, kn, arch).activity
    assert activity.cycles == ours.cycles
    assert activity.counts == ours.counts
    assert activity.instances == ours.instances
    assert activity.statistics == ours.statistics


@pytest.mark.parametrize(
    ("platform", "compiler", "can"),
    [("linux", ["cc"], True), ("linux", None, False), ("darwin", ["cc"], False)],
)
def test_operands_are_fed_on_linux_with_a_compiler(monkeypatch, platform, compiler, can):
    monkeypatch.setattr(_operand_feed, "sys", SimpleNamespace(platform=platform))
    monkeypatch.setattr(_operand_feed, "_compiler", lambda: compiler)
    assert _operand_feed.can_feed() is can
