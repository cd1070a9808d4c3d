"""simulate_gemm: forms of operands, expected reads, refusals."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hwsim
from hwsim.activity import ActionKey
from hwsim.errors import InputError
from hwsim.networks.network import Layer, Network
from hwsim.shipped import shipped_folder, yaml_names
from tests.arch.quick_search import quick_arch

RNG = np.random.default_rng(7)


def test_an_int_is_a_dense_streaming_side():
    mk = RNG.random((9, 40)) < 0.4
    by_number = hwsim.simulate_gemm(mk, 6, "sigma").to_dict()
    assert by_number == hwsim.simulate_gemm(mk, np.ones((40, 6)), "sigma").to_dict()
    transposed = hwsim.simulate_gemm(6, mk.T, "sigma", "MK_STR_KN_STA").to_dict()
    assert transposed["sdmemory"].pop("Dataflow") == "MK_STR_KN_STA"
    by_number["sdmemory"].pop("Dataflow")
    assert transposed == by_number


def test_numbers_and_booleans_are_the_same_matrix():
    values = np.where(RNG.random((5, 20)) < 0.5, RNG.normal(size=(5, 20)), 0)
    by_value = hwsim.simulate_gemm(values.tolist(), 3).to_dict()
    assert by_value == hwsim.simulate_gemm(values != 0, 3).to_dict()


def test_zeros_of_the_streaming_side_save_reads_and_no_cycles():
    mk = RNG.random((8, 64)) < 0.5
    kn = RNG.random((64, 50)) < 0.5
    dense, sparse = hwsim.simulate_gemm(mk, 50), hwsim.simulate_gemm(mk, kn)
    assert sparse.cycles == dense.cycles
    read = ActionKey("GlobalBuffer", "GLOBALBUFFER", "READ", "activations")
    changed = {k for k, v in sparse.activity.counts.items() if v != dense.activity.counts[k]}
    assert changed == {read, read._replace(operand="unused activations")}


def test_a_streaming_density_gives_expected_reads():
    mk = RNG.random((8, 64)) < 0.5
    dense, half = hwsim.simulate_gemm(mk, 50), hwsim.simulate_gemm(mk, 50, streaming_density=0.5)
    reads = [r.activity.statistics["N_SRAM_input_reads"] for r in (dense, half)]
    assert reads[1] == reads[0] / 2
    assert half.cycles == dense.cycles


@pytest.mark.parametrize("dataflow", ["MK_STA_KN_STR", "MK_STR_KN_STA"])
def test_any_engine_takes_a_gemm(tmp_path, dataflow):
    arch = hwsim.load_arch(quick_arch(tmp_path, "simple"))
    weights = RNG.random((16, 24)) < 0.5
    sides = (weights, 32) if dataflow == "MK_STA_KN_STR" else (32, weights.T)
    result = hwsim.simulate_gemm(*sides, arch, dataflow)
    assert result.activity.engine == "sparseloop"
    assert result.activity.macs == 16 * 24 * 32
    assert result.activity.effectual_macs == np.count_nonzero(weights) * 32
    # The same product as a linear layer of a network.
    layer = Layer("fc", "linear", weights.astype(np.float32), vectors=32)
    row = hwsim.run(Network("net", (layer,)), arch, ["dense"]).layers.iloc[0]
    assert result.cycles == row["cycles"]
    assert result.energy.total == pytest.approx(row["energy"], rel=1e-12)
    assert json.loads(json.dumps(result.to_dict()))["cycles"] == result.cycles


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 9), st.integers(1, 50), st.integers(1, 7)),
    density=st.floats(0, 1),
    num_ms=st.sampled_from([4, 8, 32, 128]),
    ports=st.tuples(st.integers(0, 7), st.integers(0, 7)),
    seed=st.integers(0, 99),
)
def test_no_machine_is_used_beyond_what_it_has(shape, density, num_ms, ports, seed):
    M, K, N = shape
    mk = np.random.default_rng(seed).random((M, K)) < density
    dn_bw, rn_bw = (min(num_ms, 2**port) for port in ports)
    arch = hwsim.load_arch("sigma", {"num_ms": num_ms, "dn_bw": dn_bw, "rn_bw": rn_bw})
    activity = hwsim.simulate_gemm(mk, N, arch).activity
    counts = activity.by_action()
    assert 0 < activity.utilization <= 1
    ports_used = activity.cycles * dn_bw
    weights = activity.statistics["N_SRAM_weight_reads"]
    assert counts["MSNetwork", "MULTIPLIER", "MULTIPLICATION"] == weights * N
    assert weights >= np.count_nonzero(mk)
    outputs = counts["GlobalBuffer", "GLOBALBUFFER", "WRITE"]
    assert outputs <= activity.cycles * rn_bw
    assert weights + counts["MSNetwork", "MULTIPLIER", "FORWARD_PSUM"] <= ports_used
    additions = counts["ReduceNetwork", "ADDER", "ADD_2_1"]
    additions += 2 * counts["ReduceNetwork", "ADDER", "ADD_3_1"]
    assert outputs + additions == weights * N + counts["MSNetwork", "MULTIPLIER", "FORWARD_PSUM"]


ONES = np.ones((2, 3))
SHAPES = "mk must be (M, K) and kn (K, N) with the same K. Got mk (2, 3) and kn (4, 5)"
FLAT = "mk must be a matrix with rows and columns. Got shape (3,)"
NO_COLUMNS = "kn must be a matrix with rows and columns. Got shape (3, 0)"
COUNTED = "mk is stationary in MK_STA_KN_STR and must be a matrix. Got an int"
DATAFLOW = "unknown dataflow 'MK_STA_KN'; did you mean 'MK_STA_KN_STR'?"
DENSITY = "streaming_density must be above 0 and at most 1. Got 0"


@pytest.mark.parametrize(
    ("mk", "kn", "words", "message"),
    [
        (ONES, np.ones((4, 5)), {}, SHAPES),
        (ONES, np.ones((3, 0)), {}, NO_COLUMNS),
        (ONES, 0, {}, "kn needs at least 1 vector. Got 0"),
        (
            ONES,
            2**63 - 1,
            {},
            "kn has at most 1,000,000,000,000 vectors. Got 9,223,372,036,854,775,807",
        ),
        (np.ones(3), 4, {}, FLAT),
        (np.array([["a"]]), 4, {}, "mk must hold booleans or numbers. Got dtype <U1"),
        (np.array([[np.nan]]), 4, {}, "mk holds NaN or infinite values"),
        (4, np.ones((3, 3)), {}, COUNTED),
        (ONES, 4, {"dataflow": "MK_STA_KN"}, DATAFLOW),
        (ONES, 4, {"streaming_density": 0}, DENSITY),
    ],
)
def test_refusals(mk, kn, words, message):
    with pytest.raises(InputError) as caught:
        hwsim.simulate_gemm(mk, kn, **words)
    assert str(caught.value) == message


def test_a_second_gemm_parses_no_yaml_and_checks_no_spec(monkeypatch):
    mk = np.eye(8, 16, dtype=bool)
    first = hwsim.simulate_gemm(mk, 5)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("hwsim.yaml_file.YamlFile.of_text", refuse)
    monkeypatch.setattr("hwsim.yaml_file.YamlFile.parse", refuse)
    monkeypatch.setattr("hwsim.entry_points.entry_points", refuse)
    assert hwsim.simulate_gemm(mk, 5).to_dict() == first.to_dict()


def test_an_edited_machine_and_table_are_seen_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    machine, table = tmp_path / "mine.yaml", tmp_path / "prices.yaml"
    prices = (shipped_folder("energy/tables") / "stonne.yaml").read_text()
    table.write_text(prices)
    base = tmp_path / "base.yaml"
    base.write_text("extends: sigma\nenergy_table: prices.yaml\n")
    machine.write_text("extends: base.yaml\n")
    before = hwsim.simulate_gemm(np.ones((16, 64)), 5, "mine.yaml")
    base.write_text(
        "extends: sigma\nenergy_table: prices.yaml\nparameters: {num_ms: {value: 64}}\n"
    )
    smaller = hwsim.simulate_gemm(np.ones((16, 64)), 5, "mine.yaml")
    assert smaller.cycles > before.cycles
    table.write_text(prices.replace("version:", "version: x # "))
    assert hwsim.load_energy_table(table).version == "x"


def test_names_of_yaml_files_are_sorted_and_of_nothing_else(tmp_path):
    for name in ("b.yaml", "a.yaml", "c.yml", "d.txt"):
        (tmp_path / name).touch()
    assert yaml_names(tmp_path) == ["a", "b"]
