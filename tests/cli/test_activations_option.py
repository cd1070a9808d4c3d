"""``--activations``: what every command takes that evaluates layers."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from hwsim.networks import save_network
from tests.arch.quick_search import quick_arch
from tests.engines.programs import stand_ins
from tests.engines.stonne.program.stand_ins import STAND_IN
from tests.engines.timeloop.program.test_engine import MODEL
from tests.studies.networks import tiny_network


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A network whose classifier saw zeros, and whose other layers saw a share."""
    network = tiny_network()
    *convs, fc = (replace(layer, input_density=0.5) for layer in network.layers)
    masks = (np.arange(8) % 3 > 0).reshape(1, 1, 8)
    path = tmp_path_factory.mktemp("measured") / "measured.npz"
    save_network(replace(network, layers=(*convs, replace(fc, input_masks=masks))), path)
    return path


def test_a_sweep_takes_what_was_measured(cli, measured, tmp_path):
    def energies(*options):
        layers = ("--layers", "stem", "--layers", "fc", "--quantize-layers", "fc")
        done = cli("sweep", "--model", measured, "--sparsity", "0.5", "--json", *layers, *options)
        assert done.code == 0, done.err
        found = json.loads(done.out)
        return found["manifest"], found["levels"][0]["network_energy"]

    shares = tmp_path / "shares.csv"
    names = [layer.name for layer in tiny_network().layers]
    shares.write_text("layer,share\n" + "".join(f"{name},0.5\n" for name in names))
    manifest, energy = energies()
    assert manifest["activation_shares"] == {"stem": 0.5}
    assert manifest["activations"] == "measured"
    assert manifest["activation_masks"] == {"fc": 1}
    dense, most = energies("--activations", "dense")
    assert (dense["activations"], dense["activation_masks"]) == (None, {})
    told, half = energies("--activations", shares)
    assert told["activation_shares"] == {"stem": 0.5, "fc": 0.5}
    assert half < most
    assert energies("--activation-density", "0.5")[0]["activation_density"] == 0.5
    assert energy < most


@pytest.mark.outside
def test_the_real_program_of_stonne_is_given_the_zeros(cli, measured, tmp_path):
    program = stand_ins.program(tmp_path, STAND_IN)

    def validate(*options):
        return cli(
            *("validate", "--model", measured, "--program", program, "--set", "num_ms=32"),
            *("--scheme", "dense", "--columns", "2", "--json", *options),
        )

    fc = ("--layers", "fc")
    plain = validate(*fc, "--operands", "random")
    assert plain.code == 0, plain.err
    drawn = validate(*fc, "--operands", "random", "--activations", "measured")
    assert (drawn.code, drawn.err) == (
        2,
        "error: layer 'fc': the program draws its operands, and zeros of activations cannot be "
        "given to it; see --operands layer, or take activations as dense\n",
    )
    share = validate("--layers", "stem", "--activations", "measured")
    assert share.code == 2
    assert "runs the real matrices and cannot take an activation density of 0.395062" in share.err


@pytest.mark.outside
def test_timeloop_is_told_the_share(cli, measured, tmp_path):
    arch = quick_arch(tmp_path, "eyeriss_v2_pe")

    def densities(*options):
        folder = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        done = cli(
            *("export", "timeloop", "--arch", arch, "--model", measured, "--layers", "block.conv?"),
            *("--layers", "fc", "-o", folder, *options),
        )
        assert done.code == 0, done.err
        with (folder / "layers.csv").open() as file:
            rows = list(csv.DictReader(file))
        problem = "".join(file.read_text() for file in (folder / "fc").glob("*.yaml"))
        return [row.get("input_density") for row in rows], problem

    assert densities()[0] == [None] * 3
    shares, problem = densities("--activations", "measured")
    assert shares == ["0.395062", "0.395062", "0.625"]  # zeros of the padding are zeros, too
    assert "0.625" in problem
    program = stand_ins.program(tmp_path, MODEL)
    command = ("validate", "--arch", arch, "--model", measured, "--program", program, "--layers")
    done = cli(*command, "fc", "--scheme", "dense", "--activations", "measured", "--json")
    assert done.code == 0, done.err


def test_accelergy_counts_what_is_read(cli, measured, tmp_path):
    def counted(name, *options):
        done = cli("export", "accelergy", "--model", measured, "-o", tmp_path / name, *options)
        assert done.code == 0, done.err
        return (tmp_path / name / "action_counts.yaml").read_text()

    assert counted("a") == counted("b", "--activations", "dense")
    assert counted("c", "--activations", "measured") != counted("d")
