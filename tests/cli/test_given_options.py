"""Options that are given twice, and numbers in digits that nobody means."""

import pytest
import typer.main

import hwsim.cli
from tests.cli.test_own_inputs import here  # noqa: F401  a folder with small inputs


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("run --model m.npz --model x.npz", "--model"),
        ("run -m m.npz --model=x.npz", "--model"),
        ("run --model m.npz -mx.npz", "-m"),
        ("sweep --model m.npz --sparsity 0.5 --seed 1 --seed 1", "--seed"),
        ("gemm --mk mk.npy --columns 1 --columns 2", "--columns"),
        ("network make tiny -o a.npz -o b.npz", "-o"),
        ("study run s.yaml --store a.db --store b.db", "--store"),
        ("validate published --machine a --machine b", "--machine"),
        ("repetition bench --model m.npz --rounds 3 --rounds 4", "--rounds"),
    ],
)
def test_an_option_of_one_value_stands_once(cli, here, command, named):  # noqa: F811
    result = cli(*command.split())
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"error: {named} is given twice and takes one value; leave one of them out\n"
    )


@pytest.mark.parametrize(
    "more",
    [
        ["--layers", "a", "--layers", "b"],
        ["--json", "--json"],
        ["--scheme", "binary"],
        ["--energy", "stonne"],
    ],
)
def test_flags_and_repeatable_options_may_stand_twice(cli, here, more):  # noqa: F811
    given = ["run", "--model", "m.npz", "--scheme", "dense"]
    assert cli(*given, *more).code == 0


@pytest.mark.parametrize("value", ["1_0", "\u0663"])
@pytest.mark.parametrize(
    "command",
    [
        "gemm --mk mk.npy --columns={}",
        "run --model m.npz --activation-density {}",
        "run --model m.npz --activations {}",
        "run --model m.npz --tokens {}",
        "run --model m.npz --scheme pruned:sparsity={}",
        "run --model m.npz --scheme pruned:seed={}",
        "sweep --model m.npz --sparsity {}",
        "sweep --model m.npz --seed {}",
        "sweep --model m.npz --require energy_ratio>={}@0.5",
        "network make resnet20-cifar -o x.npz --seed {}",
        "explore s.yaml --budget {}",
        "stonne -SparseGEMM -M={}",
    ],
)
def test_digits_are_those_of_everybody(cli, here, command, value):  # noqa: F811
    assert cli(*command.format(value).split()).code == 2


def test_numbers_are_known_by_the_command_line():
    """Of a typer that says otherwise what an option is, this would be lost without a word."""
    from hwsim.cli.given_options import _takes_number

    command = typer.main.get_command(hwsim.cli.app).commands["gemm"]
    found = {each.opts[0] for each in command.params if _takes_number(each)}
    assert found == {"--columns", "--rows"}
