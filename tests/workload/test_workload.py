"""A workload carries what any engine may ask for, and its fingerprint covers all of it."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks.network import Layer, Network
from hwsim.schemes import quantize
from hwsim.workload import Activations, ConvolutionWindow, Operands, Workload, lower

LEVELS = np.array([[[1, 0, -1, 1], [0, 0, -1, -1]]], dtype=np.int8)
WINDOW = ConvolutionWindow(channels=1, kernel=(2, 2), output=(3, 1))
WORKLOAD = Workload(
    layer="conv",
    levels=LEVELS,
    streams=3,
    coding="ternary",
    activations=Activations(0.5),
    window=WINDOW,
    operands=Operands("ternary", 2, 0, 8, 5, 9, 6),
    compared_bits=(2, 32),
)
PRESENT = np.array([[[1, 1, 0, 1], [0, 0, 0, 1], [1, 1, 1, 1]]], dtype=bool)


@pytest.mark.parametrize(
    "workload",
    [
        WORKLOAD,
        replace(WORKLOAD, activations=Activations(nonzeros=PRESENT)),
        replace(WORKLOAD, activations=Activations(nonzeros=np.stack([PRESENT, ~PRESENT]))),
        replace(WORKLOAD, activations=Activations(0.5, by_channel=(0.0, 1.0))),
        replace(WORKLOAD, activations=Activations(0.5, own=((1, 2), (0, 2)))),
    ],
)
def test_it_travels(workload: Workload) -> None:
    assert Workload.from_bytes(workload.to_bytes()) == workload
    assert pickle.loads(pickle.dumps(workload)) == workload


def test_a_gemm_of_no_layer_travels() -> None:
    gemm = Workload("gemm", np.ones((2, 3, 4), dtype=bool), 5, kind="linear")
    back = Workload.from_bytes(gemm.to_bytes())
    assert back == gemm
    assert (back.M, back.K, back.N, back.groups) == (5, 4, 3, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"levels": -LEVELS},
        {"levels": LEVELS.reshape(1, 4, 2)},
        {"streams": 4},
        {"kind": "linear"},
        {"coding": "value"},
        {"activations": Activations()},
        {"activations": Activations(nonzeros=PRESENT)},
        {"activations": Activations(nonzeros=PRESENT[None])},
        {"activations": Activations(0.5, by_channel=(0.25, 0.75))},
        {"activations": Activations(0.5, own=((1, 2), (0, 2)))},
        {"window": replace(WINDOW, stride=(2, 1))},
        {"window": None},
        {"operands": replace(WORKLOAD.operands, weight_bits=1)},  # type: ignore[type-var]
        {"operands": None},
        {"compared_bits": ()},
        {"compared_bits": (2, 31)},
    ],
)
def test_everything_but_the_name_is_in_the_fingerprint(change: dict) -> None:
    other = replace(WORKLOAD, **change)
    assert other.fingerprint() != WORKLOAD.fingerprint()
    assert replace(other, layer="another").fingerprint() == other.fingerprint()


def test_the_narrow_fingerprint_knows_zeros_and_no_levels() -> None:
    zeros = WORKLOAD.zeros_fingerprint()
    assert replace(WORKLOAD, levels=-LEVELS, window=None).zeros_fingerprint() == zeros
    moved = np.roll(LEVELS, 1, axis=2)
    assert replace(WORKLOAD, levels=moved).zeros_fingerprint() != zeros
    assert replace(WORKLOAD, streams=4).zeros_fingerprint() != zeros
    assert replace(WORKLOAD, kind="linear").zeros_fingerprint() != zeros
    assert replace(WORKLOAD, activations=Activations()).zeros_fingerprint() != zeros
    by_channel = replace(WORKLOAD, activations=Activations(0.5, by_channel=(0.0, 1.0)))
    assert by_channel.zeros_fingerprint() != zeros
    own = replace(WORKLOAD, activations=Activations(0.5, own=((1, 2), (0, 2))))
    assert own.zeros_fingerprint() != zeros
    # What each kernel position sees of the padding is the window's business.
    wide = replace(own, window=replace(WINDOW, dilation=(1, 2)))
    assert wide.zeros_fingerprint() != own.zeros_fingerprint()
    assert replace(own, window=None).zeros_fingerprint() != own.zeros_fingerprint()
    moved_levels = replace(own, levels=-LEVELS)
    assert moved_levels.zeros_fingerprint() == own.zeros_fingerprint()
    measured = replace(WORKLOAD, activations=Activations(nonzeros=PRESENT))
    other = replace(WORKLOAD, activations=Activations(nonzeros=PRESENT[:, ::-1]))
    assert measured.zeros_fingerprint() != other.zeros_fingerprint()


def test_figures_by_hand() -> None:
    assert WORKLOAD.macs == 8 * 3
    assert WORKLOAD.effectual_weights == 5
    assert WORKLOAD.effectual_macs == 5 * 3
    assert WORKLOAD.density == 5 / 8
    assert WORKLOAD.dataflow == "MK_STA_KN_STR"
    assert Activations(nonzeros=PRESENT).density == 8 / 12
    assert Activations(nonzeros=PRESENT).dense is False
    assert Activations().dense is True


def test_levels_are_those_of_the_scheme_and_signs_of_numbers() -> None:
    weight = np.array([[0.5, -0.25, 0.0, 2.0], [-1.0, 3.0, 0.125, 0.0]], dtype=np.float32)
    network = Network("net", (Layer("fc", "linear", weight),))

    def levels(scheme: str) -> list[list[int]]:
        workload = lower(quantize(network, scheme, "all").layers[0])
        assert workload.levels.dtype == np.int8
        return workload.levels[0].tolist()

    assert levels("dense") == [[1, -1, 0, 1], [-1, 1, 1, 0]]
    assert levels("binary") == [[1, -1, 1, 1], [-1, 1, 1, 1]]
    assert levels("signed-binary") == [[1, 0, 0, 1], [-1, 0, 0, 0]]
    codings = [
        lower(quantize(network, scheme, "all").layers[0]).coding
        for scheme in ("dense", "binary", "ternary", "signed-binary", "pruned")
    ]
    assert codings == ["value", "sign", "ternary", "zero", "value"]


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (
            lambda: Workload("x", np.ones((2, 2), dtype=np.int8), 1),
            "workload 'x': levels should be int8 of shape (groups, filters, reduction), none of "
            "them 0. Got int8 of shape (2, 2)",
        ),
        (
            lambda: Workload("x", np.ones((1, 2, 2)), 1),  # type: ignore[arg-type]
            "workload 'x': levels should be int8 of shape (groups, filters, reduction), none of "
            "them 0. Got float64 of shape (1, 2, 2)",
        ),
        (
            lambda: replace(WORKLOAD, activations=Activations(nonzeros=PRESENT[:, :2])),
            "workload 'conv': zeros of activations should have the shape (groups, streams, "
            "reduction) = (1, 3, 4). Got (1, 2, 4)",
        ),
        (
            lambda: Activations(0.0),
            "activation density 0: expected a share above 0, at most 1",
        ),
        (
            lambda: Activations(0.5, by_channel=(0.5, 1.5)),
            "activations by channel should be shares from 0 to 1. Got (0.5, 1.5)",
        ),
        (
            lambda: Activations(0.5, by_channel=()),
            "activations by channel should be shares from 0 to 1. Got ()",
        ),
        (
            lambda: replace(WORKLOAD, activations=Activations(0.5, by_channel=(0.5, 1.0, 0.0))),
            "workload 'conv': 3 shares of activations are not of the channels of 1 groups of 4",
        ),
        (
            lambda: replace(
                WORKLOAD,
                levels=LEVELS.reshape(2, 1, 4),
                activations=Activations(0.5, by_channel=(0.5,) * 3 + (1.0,) * 3),
            ),
            "workload 'conv': 6 shares of activations are not of the channels of 2 groups of 4",
        ),
        (
            lambda: Activations(nonzeros=np.ones((0, 1, 3, 4), dtype=bool)),
            "zeros of activations should be booleans of shape (groups, streams, reduction). Got "
            "bool of shape (0, 1, 3, 4)",
        ),
        (
            lambda: Activations(nonzeros=np.ones((1, 2, 2))),  # type: ignore[arg-type]
            "zeros of activations should be booleans of shape (groups, streams, reduction). Got "
            "float64 of shape (1, 2, 2)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(make, problem: str) -> None:
    with pytest.raises(InputError) as refusal:
        make()
    assert str(refusal.value) == problem


def test_equal_means_layer_and_content() -> None:
    assert replace(WORKLOAD, levels=LEVELS.copy()) == WORKLOAD
    assert hash(replace(WORKLOAD, levels=LEVELS.copy())) == hash(WORKLOAD)
    assert replace(WORKLOAD, layer="other") != WORKLOAD
    assert replace(WORKLOAD, levels=-LEVELS) != WORKLOAD
    assert WORKLOAD != "conv"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"streams": 0}, "streams should be a whole number, 1 or more. Got 0"),
        ({"streams": 2.5}, "streams should be a whole number, 1 or more. Got 2.5"),
        ({"streams": True}, "streams should be a whole number, 1 or more. Got True"),
        ({"kind": "pool"}, "kind should be one of conv, linear. Got 'pool'"),
        ({"coding": "x"}, "coding should be one of value, sign, ternary, zero. Got 'x'"),
        ({"window": 5}, "window should be a ConvolutionWindow or None. Got 5"),
        ({"operands": 5}, "operands should be an Operands or None. Got 5"),
        *(
            (
                {"compared_bits": bits},
                f"compared_bits should be a tuple of whole numbers, 1 or more. Got {bits}",
            )
            for bits in ([8], (8, 0), (1.5,))
        ),
        ({"activations": 0.5}, "activations should be an Activations. Got 0.5"),
    ],
)
def test_what_fits_no_field_is_refused(change: dict[str, object], problem: str) -> None:
    with pytest.raises(InputError) as refusal:
        replace(WORKLOAD, **change)  # type: ignore[arg-type]
    assert str(refusal.value) == f"workload 'conv': {problem}"


def test_numbers_of_numpy_are_taken_as_plain_ones() -> None:
    assert replace(WORKLOAD, streams=np.int64(3)) == WORKLOAD


def test_bytes_that_lack_a_field_are_refused() -> None:
    content = WORKLOAD.to_bytes().replace(b'"streams"', b'"strands"')
    with pytest.raises(InputError) as refusal:
        Workload.from_bytes(content)
    assert str(refusal.value) == "the bytes of a hwsim workload 4 are damaged: KeyError: 'streams'"


def test_one_share_for_all_channels_is_none_of_each() -> None:
    assert Activations(0.5, by_channel=(0.5, 0.5)).by_channel is None
    assert Activations(nonzeros=PRESENT, by_channel=(0.5, 0.0)).by_channel is None
    assert Activations(0.5, by_channel=(1, 0)).by_channel == (1.0, 0.0)


def test_shares_of_channels_are_those_of_all_their_kernel_positions() -> None:
    levels = np.ones((2, 1, 4), np.int8)
    shares = Activations(0.5, by_channel=(0.0, 1.0, 0.25, 0.75))
    found = replace(WORKLOAD, levels=levels, activations=shares).shares_of_k()
    assert found.tolist() == [[0, 0, 1, 1], [0.25, 0.25, 0.75, 0.75]]
    one = replace(WORKLOAD, levels=levels, activations=Activations(0.25)).shares_of_k()
    assert one.tolist() == [[0.25] * 4] * 2


def test_parts_are_images_and_samples() -> None:
    assert list(WORKLOAD.parts(False)) == [WORKLOAD]
    images = replace(WORKLOAD, streams=6, images=2)
    assert list(images.parts(False)) == [WORKLOAD]
    assert list(images.parts(True)) == [images]
    assert (images.maps_apart(False), images.maps_apart(True)) == (2, 1)
    linear = replace(images, window=None)
    assert list(linear.parts(False)) == [linear]
    there = np.random.default_rng(0).random((2, 1, 6, 4)) < 0.5
    known = replace(images, activations=Activations(nonzeros=there))
    found = list(known.parts(False))
    assert [part.activations.nonzeros.tolist() for part in found] == [
        there[sample][:, part].tolist() for sample in (0, 1) for part in (slice(0, 3), slice(3, 6))
    ]
    assert {(part.images, part.streams) for part in found} == {(1, 3)}
    together = list(known.parts(True))
    assert [part.activations.nonzeros.tolist() for part in together] == there.tolist()
    assert {(part.images, part.streams) for part in together} == {(2, 6)}
    alone = replace(images, activations=Activations(nonzeros=there[0]))
    assert list(alone.parts(True)) == [alone]
    assert (Activations(nonzeros=there).samples, alone.activations.samples) == (2, 1)


def test_kernel_positions_see_the_input_or_its_padding() -> None:
    # Two kernel rows at three outputs of a map of four rows, of which the last two are padding.
    window = ConvolutionWindow(1, (2, 2), (3, 1))
    own = (0, 2), (0, 2)
    assert window.share_inside(own).tolist() == [[2 / 3] * 2, [1 / 3] * 2]
    strided = ConvolutionWindow(1, (2, 1), (3, 1), stride=(2, 1), dilation=(3, 1))  # 0 2 4, 3 5 7
    assert strided.share_inside(((1, 4), (0, 1))).tolist() == [[2 / 3], [1 / 3]]
    known = replace(WORKLOAD, window=window, activations=Activations(0.25, own=own))
    assert known.shares_of_k().tolist() == [[pytest.approx(1 / 3)] * 2 + [pytest.approx(1 / 6)] * 2]
    full = replace(known, activations=Activations(0.75, own=own))
    assert full.shares_of_k().max() == 1
    by_channel = Activations(0.25, by_channel=(0.5, 0.0), own=((1, 1), (0, 1)))
    two = replace(WORKLOAD, window=ConvolutionWindow(2, (2, 1), (3, 1)), activations=by_channel)
    assert two.shares_of_k().tolist() == [[0.5, 0.5, 0, 0]]
    assert replace(two, window=None).shares_of_k().tolist() == [[0.5, 0.5, 0, 0]]
    assert Activations(nonzeros=PRESENT, own=own).own is None
