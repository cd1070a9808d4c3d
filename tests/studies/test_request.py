"""What a study asks for: its forms, and what is refused before anything is read."""

import pickle
from dataclasses import replace

import pandas as pd
import pytest

import hwsim
from hwsim import Request
from hwsim.errors import InputError
from tests.studies.networks import tiny_network


def test_a_run_of_a_request_is_the_run_of_its_arguments(tiny_run):
    result = hwsim.run(Request(tiny_network(), overrides={"num_ms": 32}))
    pd.testing.assert_frame_equal(result.table, tiny_run.table)
    pd.testing.assert_frame_equal(result.layers, tiny_run.layers)


def test_a_sweep_of_a_request_sets_the_schemes():
    request = Request(tiny_network(), layers="block.*", schemes=["ternary"])
    result = hwsim.sweep(request, sparsity="0.5")
    again = hwsim.sweep(tiny_network(), sparsity="0.5", layers="block.*")
    pd.testing.assert_frame_equal(result.table, again.table)


def test_forms_of_one_thing_are_one_request():
    one = Request("a.npz", schemes="dense", layers="a.*,b", quantize_layers="all", input_size=8)
    other = Request(
        "a.npz", schemes=["dense", "dense"], layers=["a.*", "b"], quantize_layers=["all"]
    )
    assert replace(other, input_size=(8, 8)) == one
    assert pickle.loads(pickle.dumps(one)) == one


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"schemes": []}, "no scheme to evaluate; give at least one, e.g. signed-binary"),
        ({"schemes": "dens"}, "unknown scheme 'dens'; did you mean 'dense'?"),
        (
            {"activation_density": 0},
            "activation density 0: expected a share above 0, at most 1",
        ),
        (
            {"input_size": (3, 0)},
            "input size: expected rows and columns from 1 to 1,000,000, such as 224 or "
            "(224, 224). Got (3, 0)",
        ),
    ],
)
def test_plain_fields_are_checked_at_once(arguments, message):
    with pytest.raises(InputError) as error:
        Request("none.npz", **arguments)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"arch": "sgma"}, "unknown arch 'sgma'; did you mean 'sigma'?"),
        ({"energy": "stone"}, "unknown energy table 'stone'; did you mean 'stonne'?"),
        ({"engine": "sgma"}, "unknown engine 'sgma'; did you mean 'sigma'?"),
        (
            {"program": "stonne"},
            "--program needs an engine that runs a program: --engine stonne or timeloop",
        ),
        (
            {"density": "statistical"},
            "density 'statistical': engine 'sigma' evaluates the very zeros of the weights; "
            "choose an architecture of the engine sparseloop",
        ),
    ],
)
def test_names_are_checked_before_the_weights_are_read(arguments, message):
    with pytest.raises(InputError) as error:
        hwsim.run(Request("none.npz", **arguments))
    assert str(error.value) == message


def test_no_model():
    with pytest.raises(InputError) as error:
        hwsim.run(Request())
    assert str(error.value) == "no model to evaluate; give a weight file or a network"


def test_an_argument_beside_a_request():
    with pytest.raises(InputError) as error:
        hwsim.run(Request("a.npz"), layers="fc")
    assert str(error.value) == (
        "a request says everything itself; layers stands beside it: change the request with "
        "dataclasses.replace"
    )
