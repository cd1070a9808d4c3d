"""The fuzzer itself: its limits hold, it sees what is wrong, and draws the same inputs again."""

from __future__ import annotations

import math
import signal
import sys
from pathlib import Path
from random import Random

import pytest

import hwsim.cli
from tests.fuzz import forked, mutations
from tests.fuzz.forked import Job, Outcome, run_forked, run_in_turn
from tests.fuzz.formats import FORMATS
from tests.fuzz.inputs import Input
from tests.fuzz.judging import findings
from tests.fuzz.trying import drawn, tried, tried_together

pytestmark = pytest.mark.outside


def _endless() -> None:
    while True:
        math.sqrt(2)


def _greedy() -> None:
    bytearray(forked.MEMORY_BYTES + (1 << 28))


def _broken() -> None:
    raise KeyError("conv1")


def _fine() -> None:
    print('{"energy": 1.5}')


@pytest.mark.parametrize(
    ("command", "code", "wrong"),
    [
        (_endless, -signal.SIGXCPU, ["hang"]),
        (_greedy, 71, ["traceback or exit 71"]),
        (_broken, 71, ["traceback or exit 71"]),
        (_fine, 0, []),
    ],
)
def test_limits_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command, code, wrong) -> None:
    monkeypatch.setattr(hwsim.cli, "main", command)
    monkeypatch.setattr(forked, "PROCESSOR_S", 1)
    outcome = run_forked([], tmp_path)
    assert outcome.code == code
    assert list(findings(outcome, None, [])) == wrong


def _as_told() -> None:
    print(f"{Path.cwd().name}: {sys.argv[1]}")
    {"hang": _endless, "break": _broken, "leave": lambda: sys.exit(3)}.get(sys.argv[1], _fine)()


def test_of_several_in_one_process_each_has_its_own_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hwsim.cli, "main", _as_told)
    monkeypatch.setattr(forked, "PROCESSOR_S", 1)
    words = ["fine", "break", "leave", "hang", "fine"]
    jobs = [Job([word], tmp_path / str(number)) for number, word in enumerate(words)]
    for job in jobs:
        job.folder.mkdir()
    outcomes = run_in_turn(jobs)
    assert [each.code for each in outcomes] == [0, 71, 3, -signal.SIGXCPU]  # none after a hang
    assert [each.out.splitlines()[:1] for each in outcomes[:3]] == [
        ["0: fine"],
        ["1: break"],
        ["2: leave"],
    ]
    assert [each.err.count("KeyError: 'conv1'") for each in outcomes] == [0, 1, 0, 0]


def test_what_is_wrong_in_company_is_judged_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hwsim.cli, "main", _as_told)
    monkeypatch.setattr(forked, "PROCESSOR_S", 1)
    words = ["fine", "hang", "break", "fine"]
    inputs = {number: Input({}, (word,), None) for number, word in enumerate(words)}
    found = [(number, wrong) for number, _, wrong in tried_together(inputs, tmp_path)]
    assert found == [(0, []), (1, ["hang"]), (2, ["traceback or exit 71"]), (3, [])]
    assert not any((tmp_path / str(number)).exists() for number in inputs)


def _worse_each_time() -> None:
    _calls.append(0)
    sys.exit(0 if len(_calls) < 2 else 70)


_calls: list[int] = []


def test_a_state_that_outlives_a_command_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hwsim.cli, "main", _worse_each_time)
    inputs = {number: Input({}, ("run",), None) for number in (7, 8)}
    found = [(number, wrong) for number, _, wrong in tried_together(inputs, tmp_path)]
    assert found == [(7, []), (8, ["traceback or exit 70, after others"])]


@pytest.mark.parametrize(
    ("outcome", "wrong"),
    [
        (Outcome(2, "", "error: a.yaml: no such file\n", 0.1), []),
        (Outcome(2, "", f"error: {'x' * 300}\n", 0.1), ["long line"]),
        (Outcome(2, "", "error: one\ntwo\n", 0.1), ["several lines"]),
        (Outcome(2, "", "error: s.yaml: 2 problems\none\ntwo\n", 0.1), []),
        (Outcome(2, "", "Usage: hwsim\n", 0.1), ["no line of an error"]),
        (Outcome(2, "", "error: \x1b[31m\n", 0.1), ["control character"]),
        (Outcome(2, "", "error: out of memory\n", 0.1), ["beyond memory"]),
        (Outcome(2, "", "error: <ast.Call object at 0x7f42>\n", 0.1), ["address of an object"]),
        (Outcome(70, "", "internal error: KeyError\n", 0.1), ["traceback or exit 70"]),
        (Outcome(0, '{"layers": [{"cycles": -1}]}', "", 0.1), ["negative figure .layers[].cycles"]),
        (Outcome(0, '{"a": NaN}', "", 0.1), ["figure not finite .a"]),
    ],
)
def test_what_may_not_come_out_is_seen(outcome: Outcome, wrong: list[str]) -> None:
    assert list(findings(outcome, None, [])) == wrong


def test_an_accepted_negative_is_seen() -> None:
    assert list(findings(Outcome(0, "", "", 0.1), ".dn_bw", [])) == ["accepted negative .dn_bw"]


def test_what_a_refusal_leaves_is_seen() -> None:
    outcome = Outcome(2, "", "error: x\n", 0.1)
    assert list(findings(outcome, None, [Path("half.npz")])) == ["left a file"]


def test_a_number_that_becomes_negative_is_known_by_its_key() -> None:
    found = {mutations.mutated(b"a: {b: 3}\nc: x\n", Random(seed)).negative for seed in range(300)}
    assert found == {None, ".a.b"}


@pytest.mark.parametrize("name", ["npz", "topology", "stonne-cfg"])
def test_an_input_is_drawn_again_and_comes_out_well(name: str, tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    seeds = FORMATS[name].seeds(tmp_path / "seeds")
    first = drawn(name, 5, 1, seeds)
    assert first == drawn(name, 5, 1, seeds)
    assert first != drawn(name, 5, 2, seeds)
    outcome, wrong = tried(first, tmp_path / "work")
    assert wrong == [], outcome
