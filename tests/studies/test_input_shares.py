"""Shares of inputs that are not zero: measured, stated, from a file."""

from dataclasses import replace

import numpy as np
import pytest

import hwsim
from hwsim.errors import InputError
from hwsim.networks.network import Layer, Network
from hwsim.reports._run_facts import header_facts
from hwsim.studies import Request
from hwsim.studies._input_shares import InputShares, input_shares, names_masks
from hwsim.studies.plan import Plan

CONV = Layer("conv", "conv", np.ones((4, 3, 3, 3), np.float32), input_size=(6, 5))
FC = Layer("fc", "linear", np.ones((5, 8), np.float32), vectors=2)
FC_DENSE = replace(FC, name="other")
NETWORK = Network("two", (replace(CONV, input_density=0.25), FC))
WHOLE = replace(NETWORK, layers=(NETWORK.layers[0], replace(FC, input_density=0.0)))


def shares(wanted, network=NETWORK, **more):
    plan = Plan.of(Request(network, activations=wanted), **more)
    return [plan.activations(layer).density for layer in network.layers]


def test_what_a_request_asks_for(tmp_path):
    assert shares(None) == shares("dense") == [1, 1]
    assert shares(None, measured=True) == [0.25, 1]
    # Sixteen values, and not one is streamed.
    assert shares("measured", WHOLE) == [0.25, 1 / 16]
    assert shares("0.5") == [0.5, 0.5]
    file = tmp_path / "shares.csv"
    file.write_text("layer,share\nfc,0.5\n\nconv,1\n")
    assert shares(str(file)) == shares(file) == [1, 0.5]
    density = Plan.of(Request(NETWORK, activation_density=0.5), measured=True)
    assert density.shares == InputShares(0.5)


def test_only_other_files_hold_inputs():
    known = ("measured", "dense", "0.5", "shares.CSV", None)
    assert not any(map(names_masks, known))
    assert names_masks("inputs.npz")
    assert names_masks("inputs")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("layer;share\n", "line 1: expected the columns layer,share"),
        ("", "line 1: expected the columns layer,share"),
        ("layer,share\nfc,much\n", "line 2: expected a layer and a share from 0 to 1"),
        ("layer,share\nfc\n", "line 2: expected a layer and a share from 0 to 1"),
        ("layer,share\nfc,1.5\n", "line 2: expected a layer and a share from 0 to 1"),
        ("layer,share\nfc,-0.5\n", "line 2: expected a layer and a share from 0 to 1"),
        ("layer,share\nfc,0\nfc,1\n", "line 3: 'fc' stands twice"),
        ("layer,share\nfd,0\n", "line 2: 'fd' is no layer of the network; known: conv, fc"),
        ("layer,share\nfc,0\n", "no share of layer 'conv'"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, text, problem):
    file = tmp_path / "shares.csv"
    file.write_text(text)
    with pytest.raises(InputError) as refusal:
        input_shares(file, NETWORK, NETWORK)
    assert str(file) in str(refusal.value)
    assert problem in str(refusal.value)


def test_what_is_no_share_or_is_missing(tmp_path):
    for wanted in ("0", "1.1", "nan"):
        with pytest.raises(InputError, match=f"activations {wanted}: expected a share above 0"):
            input_shares(wanted, NETWORK, NETWORK)
    with pytest.raises(
        InputError, match=r"nobody has measured the input of layer 'fc' of two \(1 of 2 layers\)"
    ):
        input_shares("measured", NETWORK, NETWORK)
    with pytest.raises(InputError, match=r"none\.csv: cannot be read"):
        input_shares(str(tmp_path / "none.csv"), NETWORK, NETWORK)


def test_a_run_says_which_shares_it_took():
    result = hwsim.run(NETWORK, "sigma", ("dense",), energy="physical")
    assert result.manifest["activations"] == "measured"
    assert result.manifest["activation_shares"] == {"conv": 0.25}
    texts = [text for _, text in header_facts(result.manifest)]
    assert "activations: 25.0% to 25.0% are not 0, by layer (measured), at random places" in texts
    assert "activations of 1 layer: taken as dense, nobody measured them" in texts
    dense = hwsim.run(NETWORK, "sigma", ("dense",), energy="physical", activations="dense")
    assert (dense.manifest["activations"], dense.manifest["activation_shares"]) == (None, {})
    reads = [run.layers.set_index("layer")["energy"] for run in (result, dense)]
    assert reads[0]["conv"] < reads[1]["conv"]
    assert reads[0]["fc"] == reads[1]["fc"]


MASKED = replace(FC, input_masks=np.arange(32).reshape(2, 2, 8) % 5 > 0)
BY_CHANNEL = replace(CONV, input_density=0.5, input_density_by_channel=(0.25, 0.5, 0.75))


def test_measured_masks_go_before_shares():
    network = Network("two", (BY_CHANNEL, MASKED))
    for wanted, options in (("measured", {}), (None, {"measured": True})):
        plan = Plan.of(Request(network, activations=wanted), **options)
        conv, fc = map(plan.activations, network.layers)
        assert (conv.density, conv.by_channel, conv.nonzeros) == (0.5, (0.25, 0.5, 0.75), None)
        assert fc.samples == 2
        assert np.array_equal(fc.nonzeros[:, 0], MASKED.input_masks)
    for wanted in ("dense", "0.5", None):
        plan = Plan.of(Request(network, activations=wanted))
        assert all(plan.activations(layer).by_channel is None for layer in network.layers)
        assert not plan.inputs


def test_what_is_known_of_inputs_decides_what_is_the_same_task():
    def keys(fc=MASKED, conv=BY_CHANNEL):
        plan = Plan.of(Request(Network("two", (conv, fc))), measured=True)
        return [*plan.lowering_keys("dense"), plan.key]

    first = keys()
    assert keys() == first
    moved = keys(replace(FC, input_masks=~MASKED.input_masks))
    assert moved[0] == first[0]
    assert moved[1] != first[1]
    assert moved[2] != first[2]
    one = keys(replace(FC, input_masks=MASKED.input_masks[:1]))
    assert len({first[1], moved[1], one[1], keys(FC)[1]}) == 4
    other = keys(conv=replace(BY_CHANNEL, input_density_by_channel=(0.75, 0.5, 0.25)))
    assert other[0] != first[0]
    assert other[1] == first[1]
    assert keys(conv=replace(BY_CHANNEL, input_density=0.25))[0] != first[0]


def test_a_run_says_what_it_knew_of_inputs():
    def facts(*layers, **options):
        network = Network("n", layers)
        result = hwsim.run(network, "sigma", ("dense",), energy="physical", **options)
        texts = [text for _, text in header_facts(result.manifest)]
        return result, [text for text in texts if text.startswith("activations")]

    result, texts = facts(MASKED, FC_DENSE, BY_CHANNEL)
    assert result.manifest["activations"] == "measured"
    assert result.manifest["activation_shares"] == {"conv": 0.5}
    assert result.manifest["activation_masks"] == {"fc": 2}
    assert texts == [
        "activations of 1 layer: their very zeros (measured), of 2 samples on average",
        "activations of 1 layer: 50.0% to 50.0% are not 0, by layer (measured), at random places",
        "activations of 1 layer: taken as dense, nobody measured them",
    ]
    one = replace(MASKED, input_masks=MASKED.input_masks[:1])
    assert facts(one)[1] == ["activations: their very zeros (measured)"]
    cycles = [
        facts(each)[0].totals["energy"][0]
        for each in (one, replace(MASKED, input_masks=MASKED.input_masks[1:]), MASKED)
    ]
    assert cycles[2] == pytest.approx((cycles[0] + cycles[1]) / 2)
    assert cycles[0] != cycles[1]
    old = {**result.manifest, "activation_shares": {}}
    del old["activation_masks"]
    assert "activations: their very zeros (measured)" in [text for _, text in header_facts(old)]


def test_padding_is_zero_beside_what_was_measured(tmp_path):
    padded = replace(CONV, padding=(1, 1), input_density=1.0)
    network = Network("n", (padded,))
    inside = (3 * 6 - 2) / (3 * 6) * (3 * 5 - 2) / (3 * 5)
    file = tmp_path / "shares.csv"
    file.write_text("layer,share\nconv,1\n")
    assert shares("measured", network) == shares(str(file), network) == [pytest.approx(inside)]
    assert shares("1", network) == shares("dense", network) == [1]
    manifest = Plan.of(Request(network, activations="measured")).inputs_in_manifest()
    assert manifest["activation_shares"] == {"conv": 1.0}
    keys = {
        Plan.of(Request(network, activations=wanted)).lowering_keys("dense")[0]
        for wanted in ("measured", "dense", str(file))
    }
    assert len(keys) == 2
