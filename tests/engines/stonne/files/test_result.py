import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hwsim
from hwsim.activity import ActionKey
from hwsim.engines.stonne.files import read_activity, read_counters, read_result, read_stats
from hwsim.engines.stonne.files.counters import read_text
from hwsim.engines.stonne.files.stats import Stats
from hwsim.errors import InputError
from tests.engines.stonne.files.result_files import counters_text, stats_text, write_result
from tests.measured import golden_folder

SHAPE = (6, 18, 4)
NUM_MS = 16


@pytest.fixture(scope="module")
def result():
    mk = np.random.default_rng(0).random((6, 18)) < 0.6  # no row of fewer than three values
    arch = hwsim.load_arch("sigma", {"num_ms": NUM_MS, "dn_bw": 8, "rn_bw": 16})
    return hwsim.simulate_gemm(mk, 4, arch)


@pytest.fixture
def files(tmp_path, result):
    return write_result(tmp_path, result.to_dict(), *SHAPE, NUM_MS)


def test_both_files_give_the_activity(files, result):
    activity = read_activity(*files)
    assert activity.engine == "stonne"
    assert activity.by_action() == result.activity.by_action()
    for name in ("cycles", "instances", "macs", "effectual_macs", "statistics"):
        assert getattr(activity, name) == getattr(result.activity, name), name
    assert activity.utilization == pytest.approx(result.activity.utilization)
    assert read_result(files[0].parent) == activity


def test_every_measured_case(tmp_path):
    for line in (golden_folder("stonne_sigma") / "cases.jsonl").open(encoding="utf-8"):
        case = json.loads(line)
        shape = case["M"], case["K"], case["N"]
        activity = read_activity(*write_result(tmp_path, case, *shape, case["num_ms"]))
        assert activity.cycles == case["cycles"]
        assert activity.statistics == case["sdmemory"]
        for (unit, component, action), count in activity.by_action().items():
            assert count == case["counters"][unit][component][action]
        for (unit, component), number in activity.instances.items():
            assert number == case["instances"][unit][component]
        assert len(activity.counts) == sum(
            len(actions) for parts in case["counters"].values() for actions in parts.values()
        )


def test_counts_add_up_over_instances(tmp_path):
    file = tmp_path / "a.counters"
    parts = ["[MSNetwork]\nFIFO PUSH=1 POP=2\n", "[ReduceNetwork]\nA B=1\n"]
    parts += ["[GlobalBuffer]\nA B=1\n", "[CollectionBus]\nA B=1\n\n"]
    file.write_text(
        "CYCLES=7\n[DSNetwork]\nFIFO PUSH=3 POP=0\nFIFO PUSH=4 POP=5\n" + "".join(parts)
    )
    counters = read_counters(file)
    assert counters.cycles == 7
    assert counters.counts[ActionKey("DSNetwork", "FIFO", "PUSH")] == 7
    assert counters.counts[ActionKey("DSNetwork", "FIFO", "POP")] == 5
    assert counters.counts[ActionKey("MSNetwork", "FIFO", "PUSH")] == 1
    assert counters.instances["DSNetwork", "FIFO"] == 2


@given(cut=st.floats(0, 1, exclude_max=True))
def test_a_counters_file_cut_anywhere_is_refused(tmp_path_factory, result, cut):
    text = counters_text(result.to_dict())
    file = tmp_path_factory.mktemp("cut") / "half.counters"
    file.write_text(text[: int(cut * (len(text) - 1))])
    with pytest.raises(InputError, match=r"half\.counters: "):
        read_counters(file)


@given(cut=st.floats(0, 1, exclude_max=True))
def test_a_stats_file_cut_anywhere_is_refused(tmp_path_factory, result, cut):
    text = stats_text(result.to_dict(), *SHAPE, NUM_MS).rstrip()
    file = tmp_path_factory.mktemp("cut") / "half.txt"
    file.write_text(text[: int(cut * len(text))])
    with pytest.raises(InputError, match=r"half\.txt: "):
        read_stats(file)


@pytest.mark.parametrize("before", ["", "\n  "])
def test_half_a_stats_file_says_so(files, before):
    text = before + files[1].read_text()
    files[1].write_text(text[: len(text) // 2])
    lines = files[1].read_text().count("\n") + 1
    message = f"{files[1]}: ends in the middle of the document (line {lines}): the file is cut off"
    with pytest.raises(InputError) as error:
        read_stats(files[1])
    assert str(error.value) == message


def test_a_counters_file_without_its_last_section_says_so(files):
    text = files[0].read_text()
    files[0].write_text(text[: text.index("[CollectionBus]")])
    with pytest.raises(InputError) as error:
        read_counters(files[0])
    assert str(error.value) == f"{files[0]}: nothing under [CollectionBus]: the file is cut off"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected CYCLES=<number>. Got ''"),
        ("hello\n", "line 1: expected CYCLES=<number>. Got 'hello'"),
        (
            "CYCLES=1\n[A]\nFIFO PUSH=x\n",
            "line 3: expected [UNIT] or COMPONENT ACTION=<number> .... Got 'FIFO PUSH=x'; "
            "the file may be cut off",
        ),
        (
            "CYCLES=1\n[A\n",
            "line 2: expected [UNIT] or COMPONENT ACTION=<number> .... Got '[A'; "
            "the file may be cut off",
        ),
        ("x" * 61, f"line 1: expected CYCLES=<number>. Got {'x' * 60!r}"),
        (
            "CYCLES=1\n" + "x" * 61,
            f"line 2: expected [UNIT] or COMPONENT ACTION=<number> .... Got {'x' * 60!r}; "
            "the file may be cut off",
        ),
    ],
)
def test_garbage_in_a_counters_file(tmp_path, text, message):
    file = tmp_path / "a.counters"
    file.write_text(text)
    with pytest.raises(InputError) as error:
        read_counters(file)
    assert str(error.value) == f"{file}: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello", "is no JSON document of STONNE: line 1: Expecting value"),
        ("[]", "has no GlobalStats; expected a result file of STONNE"),
        (
            '{"GlobalStats" : {"N_cycles" : -3}}',
            "GlobalStats.N_cycles: expected a whole number. Got -3",
        ),
        (
            '{"GlobalStats" : {"N_cycles" : "7"}}',
            "GlobalStats.N_cycles: expected a whole number. Got '7'",
        ),
        (
            '{"GlobalStats" : {"N_cycles" : true}}',
            "GlobalStats.N_cycles: expected a whole number. Got True",
        ),
        ("[" * 100_000, "is nested too deeply to be a file of STONNE"),
    ],
)
def test_garbage_in_a_stats_file(tmp_path, text, message):
    file = tmp_path / "a.txt"
    file.write_text(text)
    with pytest.raises(InputError) as error:
        read_stats(file)
    assert str(error.value) == f"{file}: {message}"


def test_a_file_that_cannot_be_read(tmp_path):
    for read in (read_counters, read_stats):
        with pytest.raises(InputError) as error:
            read(tmp_path)
        assert str(error.value) == f"{tmp_path}: cannot be read: Is a directory"


def test_bytes_that_are_no_text(tmp_path):
    file = tmp_path / "a.counters"
    file.write_bytes(b"CYCLES=\xff")
    with pytest.raises(InputError) as error:
        read_counters(file)
    assert str(error.value) == f"{file}: is no text (byte 7)"


def test_files_of_two_runs(files, result):
    other = result.to_dict() | {"cycles": 1}
    files[0].write_text(counters_text(other))
    with pytest.raises(InputError) as error:
        read_activity(*files)
    assert str(error.value) == (
        f"{files[0]}: 1 cycles, but {files[1]} says {result.cycles}: these are files of two runs"
    )


def test_a_folder_without_results(tmp_path):
    with pytest.raises(InputError) as error:
        read_result(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: expected one output_stats_*.counters of STONNE. Found 0"
    )


def test_a_file_as_large_as_it_may_be(tmp_path):
    file = tmp_path / "a.counters"
    file.write_text("12345")
    assert read_text(file, 5) == "12345"
    with pytest.raises(InputError) as error:
        read_text(file, 4)
    assert str(error.value) == f"{file}: larger than 4 bytes, this is no file of STONNE"


def test_macs_and_multipliers_of_a_convolution():
    # 3 x 2 taps of 4 channels, 5 filters, 7 images of 3 x 2 outputs
    layer = {"R": 3, "S": 2, "C": 8, "G": 2, "K": 5, "N": 7, "X_": 3, "Y_": 2}
    mesh = {"ms_rows": 4, "ms_columns": 6, "ms_size": 9}
    stats = Stats(cycles=1, hardware={"MSNetwork": mesh}, layer=layer, memory={})
    assert (stats.macs, type(stats.macs)) == (24 * 5 * 7 * 6, int)
    assert stats.multipliers == 24
    assert Stats(1, {"MSNetwork": mesh | {"ms_rows": 0}}, layer, {}).multipliers == 9


@pytest.mark.parametrize(("memory", "effectual"), [
    ({"Dataflow": "MK_STA_KN_STR", "N_SRAM_weight_reads": 50}, 50 * 4),
    ({"Dataflow": "MK_STR_KN_STA", "N_SRAM_weight_reads": 50}, 50 * 6),
    ({"Dataflow": "another", "N_SRAM_weight_reads": 50}, 6 * 18 * 4),
    ({"Dataflow": "MK_STA_KN_STR", "N_SRAM_weight_reads": None}, 6 * 18 * 4),
])  # fmt: skip
def test_without_a_known_dataflow_all_macs_are_effectual(tmp_path, result, memory, effectual):
    given = result.to_dict()
    given["sdmemory"] = memory
    activity = read_activity(*write_result(tmp_path, given, *SHAPE, NUM_MS))
    assert (activity.macs, activity.effectual_macs) == (6 * 18 * 4, effectual)


def test_no_cycles_and_no_multiplications_are_no_utilization(tmp_path, result):
    given = result.to_dict() | {"cycles": 0}
    assert read_activity(*write_result(tmp_path, given, *SHAPE, NUM_MS)).utilization == 0
    given = result.to_dict()
    del given["counters"]["MSNetwork"]["MULTIPLIER"]
    assert read_activity(*write_result(tmp_path, given, *SHAPE, NUM_MS)).utilization == 0


def test_counters_of_more_lines_than_any_machine_has(tmp_path, monkeypatch):
    monkeypatch.setattr("hwsim.engines.stonne.files.counters._MOST_LINES", 1000)
    file = tmp_path / "a.counters"
    file.write_text("CYCLES=1\n" + "\n" * 1000)
    with pytest.raises(InputError, match="more than 1,000 lines, this is no file of STONNE"):
        read_counters(file)


def test_counters_of_more_actions_than_stonne_knows(tmp_path):
    file = tmp_path / "a.counters"
    lines = "".join(f"A B{number}=1\n" for number in range(10_001))
    file.write_text(f"CYCLES=1\n[A]\n{lines}")
    with pytest.raises(InputError, match="more than 10,000 actions, this is no file of STONNE"):
        read_counters(file)
