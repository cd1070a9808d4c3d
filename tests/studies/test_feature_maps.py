"""The inputs of layers from a file: what is taken, and what is said of the rest."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import hwsim
from hwsim.cli import app
from hwsim.errors import InputError
from hwsim.networks.network import Layer, Network
from hwsim.networks.save import save_network
from hwsim.studies import Request
from hwsim.studies._feature_maps import read_feature_maps
from hwsim.studies.plan import Plan
from hwsim.workload.unfold import unfold

CONV = Layer("conv", "conv", np.ones((4, 3, 3, 3), dtype=np.float32), input_size=(6, 5))
LINEAR = Layer("fc", "linear", np.ones((5, 8), dtype=np.float32), vectors=2)
NETWORK = Network("two", (CONV, LINEAR))


def save(folder, **arrays):
    path = folder / "inputs.npz"
    np.savez(path, **arrays)
    return path


def inputs(**other):
    generator = np.random.default_rng(0)
    found = {"conv": generator.random((3, 6, 5)) < 0.5, "fc": generator.integers(-1, 2, (2, 8))}
    return found | other


def test_what_equals_zero_is_a_zero(tmp_path):
    arrays = inputs()
    found = read_feature_maps(save(tmp_path, **arrays), NETWORK, NETWORK)
    assert list(found) == ["conv", "fc"]
    assert (found["conv"][0] == arrays["conv"]).all()
    assert (found["fc"][0] == (arrays["fc"] != 0)).all()
    assert all(each.dtype == np.bool_ for each in found.values())


def test_samples_come_first(tmp_path):
    arrays = {name: np.stack([each, each == 0]) for name, each in inputs().items()}
    path = save(tmp_path, **arrays)
    found = read_feature_maps(path, NETWORK, NETWORK)
    assert {name: each.shape for name, each in found.items()} == {
        "conv": (2, 3, 6, 5), "fc": (2, 2, 8)
    }  # fmt: skip
    plan = Plan.of(Request(NETWORK, schemes=["dense"], activations=path))
    both = plan.lower("dense", "conv")[1].activations
    assert both.samples == 2
    for number, sample in enumerate(arrays["conv"]):
        assert (both.nonzeros[number] == unfold(sample != 0, CONV)).all()


def test_layers_that_are_left_out_need_none_and_may_have_one(tmp_path):
    chosen = Network("two", (LINEAR,))
    assert list(read_feature_maps(save(tmp_path, **inputs()), NETWORK, chosen)) == ["fc"]
    only = save(tmp_path, fc=inputs()["fc"])
    assert list(read_feature_maps(only, NETWORK, chosen)) == ["fc"]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            inputs(cnv=np.ones(3)),
            "array 'cnv' is of no layer of the network; did you mean 'conv'?; name arrays as the "
            "layers whose inputs they are",
        ),
        (
            {"conv": inputs()["conv"]},
            "no array 'fc'; give the input of every layer, or leave layers out (--layers)",
        ),
        (
            inputs(conv=np.ones((3, 6, 6))),
            "array 'conv': expected the input of the layer, 3 x 6 x 5 (channels, rows, columns). "
            "Got 3 x 6 x 6",
        ),
        (
            inputs(fc=np.ones(8)),
            "array 'fc': expected the input of the layer, 2 x 8 (vectors, features). Got 8",
        ),
        (
            inputs(fc=np.float32(1)),
            "array 'fc': expected the input of the layer, 2 x 8 (vectors, features). Got a number",
        ),
        (
            inputs(fc=np.ones((2, 8), dtype=complex)),
            "array 'fc': expected numbers or booleans. Got complex128",
        ),
        (inputs(fc=np.full((2, 8), np.nan)), "array 'fc' holds NaN or infinite values"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path, arrays, message):
    path = save(tmp_path, **arrays)
    with pytest.raises(InputError) as caught:
        read_feature_maps(path, NETWORK, NETWORK)
    assert str(caught.value) == f"{path}: {message}"


def test_files_that_are_none(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_feature_maps(tmp_path / "none.npz", NETWORK, NETWORK)
    text = tmp_path / "text.npz"
    text.write_text("no zip")
    with pytest.raises(InputError, match=r"text\.npz: "):
        read_feature_maps(text, NETWORK, NETWORK)


def test_a_request_takes_zeros_or_a_share(tmp_path):
    with pytest.raises(InputError) as caught:
        Request(activations="inputs.npz", activation_density=0.5)
    assert str(caught.value) == (
        "activations 'inputs.npz' and an activation density of 0.5: give one of them"
    )
    with pytest.raises(InputError) as caught:
        Request(activations=3)
    assert str(caught.value) == "activations: expected a file. Got 3"
    request = Request(activations=tmp_path / "inputs.npz")
    assert Request.from_bytes(request.to_bytes()) == request


def test_layers_are_lowered_with_them(tmp_path):
    arrays = inputs()
    path = save(tmp_path, **arrays)
    plan = Plan.of(Request(NETWORK, schemes=["dense"], activations=path))
    conv, fc = (plan.lower("dense", layer.name)[1].activations for layer in NETWORK.layers)
    assert (conv.nonzeros == unfold(arrays["conv"] != 0, CONV)).all()
    assert (fc.nonzeros == (arrays["fc"] != 0)).all()
    without = Plan.of(Request(NETWORK, schemes=["dense"], activation_density=0.25))
    for layer in NETWORK.layers:
        activations = without.lower("dense", layer.name)[1].activations
        assert activations.nonzeros is None
        assert activations.density == 0.25


def test_a_run_says_what_it_took(tmp_path):
    path = save(tmp_path, **inputs())
    result = hwsim.run(NETWORK, schemes=["dense"], activations=path)
    assert result.manifest["activations"] == str(path)
    assert hwsim.run(NETWORK, schemes=["dense"]).manifest["activations"] is None


def test_the_command_takes_them(tmp_path):
    model = tmp_path / "two.npz"
    save_network(NETWORK, model)
    path = save(tmp_path, **inputs())
    command = ["run", "--model", str(model), "--scheme", "dense"]
    done = CliRunner().invoke(app, [*command, "--activations", str(path)])
    assert done.exit_code == 0, done.output
    assert f"activations: their very zeros ({path})" in " ".join(done.output.split())
    done = CliRunner().invoke(app, [*command, "--activations", str(path), "--json"])
    assert json.loads(done.stdout)["manifest"]["activations"] == str(path)
