import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import hwsim
from hwsim.engines.stonne.files import SparseGemm, config_text, operands
from hwsim.engines.stonne.files.command import safe_name, sparsity_option
from hwsim.errors import InputError
from hwsim.workload import Workload


@pytest.fixture(scope="module")
def arch():
    return hwsim.load_arch("sigma", {"num_ms": 64, "dn_bw": 16})


def test_configuration(arch):
    assert tomllib.loads(config_text(arch)) == {
        "print_stats_enabled": True,
        "MSNetwork": {"type": "LINEAR", "ms_size": 64},
        "ReduceNetwork": {"type": "ASNETWORK", "accumulation_buffer_enabled": 0},
        "SDMemory": {"dn_bw": 16, "rn_bw": 64, "controller_type": "SIGMA_SPARSE_GEMM"},
    }


def test_a_machine_of_another_engine_is_refused(arch):
    from dataclasses import replace

    other = replace(arch, spec=arch.spec.model_copy(update={"engine": "maeri", "name": "m"}))
    with pytest.raises(InputError) as error:
        config_text(other)
    assert str(error.value) == (
        f"arch {other.name!r} is of the engine 'maeri'; STONNE's -SparseGEMM needs one of the "
        "engine 'sigma', e.g. --arch sigma"
    )


def test_a_machine_that_multicasts_is_refused():
    with pytest.raises(InputError) as error:
        config_text(hwsim.load_arch("sigma-hpca2020"))
    assert str(error.value) == (
        "arch 'sigma-hpca2020': STONNE's ports feed their own multipliers and cannot multicast; "
        "set distribution=ports"
    )
    ports = hwsim.load_arch("sigma-hpca2020", {"distribution": "ports"})
    assert tomllib.loads(config_text(ports))["SDMemory"]["dn_bw"] == 128


def test_command_line_of_a_convolution(arch):
    weights = np.zeros((2, 4, 10), dtype=bool)
    weights[:, :, :4] = True
    gemm = SparseGemm.of(Workload("layer1.0/conv1", weights, 7), arch)
    assert gemm.arguments == [
        "-SparseGEMM",
        "-layer_name=layer1.0_conv1",
        *("-M=4", "-K=10", "-N=7"),
        *("-num_ms=64", "-dn_bw=16", "-rn_bw=64"),
        *("-MK_sparsity=59", "-KN_sparsity=0"),
        "-dataflow=MK_STA_KN_STR",
        "-print_stats=1",
    ]


def test_the_weights_of_a_linear_layer_are_the_right_matrix(arch):
    weights = np.ones((1, 4, 10), dtype=bool)
    weights[:, :, :5] = False
    gemm = SparseGemm.of(Workload("fc", weights, 1, "linear"), arch)
    assert (gemm.M, gemm.K, gemm.N) == (1, 10, 4)
    assert (gemm.mk_sparsity, gemm.kn_sparsity) == (0, 49)
    assert gemm.dataflow == "MK_STR_KN_STA"


@pytest.mark.parametrize(
    ("zeros", "option"), [(0.0, 0), (0.01, 0), (0.65, 64), (0.654, 64), (0.656, 65), (1.0, 99)]
)
def test_sparsity_option(zeros, option):
    assert sparsity_option(zeros) == option


@given(st.text())
def test_names_stay_in_their_folder(layer):
    name = safe_name(layer)
    assert name
    assert "/" not in name
    assert not name.startswith(".")
    assert len(name) <= 100


@given(
    values=npst.arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(3, 8)),
        elements=st.sampled_from([0.0, 0.0, 1.0, -0.5]),
    ),
    kind=st.sampled_from(["conv", "linear"]),
)
def test_bitmap_and_compressed_values_give_the_dense_matrix(values, kind):
    workload = Workload("layer", values != 0, 2, kind)
    mk, kn = operands(workload, values)
    groups, filters, K = values.shape
    assert mk.dense.shape == (groups, workload.M, K)
    assert kn.dense.shape == (groups, K, workload.N)
    weights, ones = (mk, kn) if kind == "conv" else (kn, mk)
    assert (ones.dense == 1).all()
    assert (ones.bitmap == 1).all()
    np.testing.assert_array_equal(weights.fibers, values)
    assert (np.count_nonzero(weights.present, axis=2) >= 3).all()
    for group in range(groups):
        bits = weights.bitmap[group] if kind == "conv" else weights.bitmap[group].T
        count = np.count_nonzero(bits)
        rebuilt = np.zeros((filters, K), dtype=np.float32)
        rebuilt[bits == 1] = weights.compressed[group][:count]
        np.testing.assert_array_equal(rebuilt, values[group])
        assert not weights.compressed[group][count:].any()
