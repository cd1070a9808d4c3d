"""What a command does not import: each of these takes longer than a small run."""

import subprocess
import sys

import pytest

from hwsim.cli import commands
from hwsim.networks import save_network
from tests.studies.networks import tiny_network

pytestmark = pytest.mark.outside

#: Imports the package, then runs a command, and lists what has been imported after both.
_PROGRAM = """
import sys
import hwsim
print("", *(name for name in sys.modules), "", file=sys.stderr)
from hwsim.cli import main
sys.argv = ["hwsim", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code
print("", *(name for name in sys.modules), "", file=sys.stderr)
"""
_NEVER = ("pandas", "pyarrow", "matplotlib", "torch", "onnx", "distributed", "optuna", "docker")


def modules(*command):
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *command], check=True, capture_output=True, text=True
    )
    return [set(line.split()) for line in done.stderr.splitlines()]


def test_the_package_and_its_version_need_no_numbers():
    package, version = modules("--version")
    assert not {*_NEVER, "numpy", "pydantic", "typer", "rich", "yaml"} & package
    assert not {*_NEVER, "numpy", "pydantic", "yaml", "hwsim.cli.run"} & version


@pytest.mark.parametrize("how", [(), ("--json",)], ids=["text", "JSON"])
def test_a_run_on_sigma_imports_what_it_uses(how, tmp_path):
    save_network(tiny_network(), tmp_path / "tiny.npz")
    _, run = modules("run", "--arch", "sigma", "--model", str(tmp_path / "tiny.npz"), *how)
    assert not {*_NEVER, "sqlite3", "safetensors"} & run
    others = {
        *(
            "hwsim.cli.study",
            "hwsim.cli.sweep",
            "hwsim.engines.timeloop",
            "hwsim.studies.validation",
        ),
        *("hwsim.studies.equal_area", "hwsim.studies.store", "hwsim.energy.accelergy"),
        *("hwsim.engines.stonne.sigma.multicast.simulation", "hwsim.studies.study_file"),
        *("hwsim.reports.figures", "hwsim.studies._saved_run"),
    }
    assert not others & run
    assert "hwsim.engines.stonne.sigma.engine" in run
    assert ("rich" in run) == (how == ())


@pytest.mark.parametrize(
    ("first", "registered"),
    [
        ("--version", set()),
        ("gemm", {"gemm"}),
        ("validate", {"validate", "validate published"}),
        ("stud", None),
        (None, None),
    ],
)
def test_one_command_is_built_alone(first, registered):
    built = commands(first)
    names = {each.name for each in (*built.registered_commands, *built.registered_groups)}
    every = {each.name for each in commands().registered_commands}
    assert {"run", "sweep", "stonne", "validate published"} <= every
    assert names == registered if registered is not None else every <= names
