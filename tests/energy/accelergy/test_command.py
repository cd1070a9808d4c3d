"""The accelergy command: on a stand-in, and on the real one where it is installed."""

from __future__ import annotations

import shutil
import stat
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import yaml

from hwsim.activity import Activity
from hwsim.arch import load_arch
from hwsim.energy import load_energy_table
from hwsim.energy.accelergy import AccelergyModel, write_accelergy
from hwsim.engines.stonne.sigma.gemms import simulate
from hwsim.engines.stonne.sigma.stream import Stream
from hwsim.errors import InputError

pytestmark = pytest.mark.outside

ARCH = load_arch("sigma", {"num_ms": 16, "dn_bw": 4})
#: Prices every action at 1 pJ, leaves nothing to leak, 2 um2 each.
PRICES_ONE = """
    import yaml
    chip = yaml.safe_load(open(sys.argv[1]))["architecture"]["subtree"][0]
    folder = pathlib.Path(sys.argv[sys.argv.index("-o") + 1])
    folder.mkdir()
    parts = [(unit["name"], part) for unit in chip["subtree"] for part in unit["local"]]
    names = [f"chip.{unit}.{part['name']}" for unit, part in parts]
    actions = [[{"name": name, "arguments": {}, "energy": 0.0 if name == "leak" else 1.0}
                for name in part["required_actions"]] for _, part in parts]
    tables = [{"name": name, "actions": mine} for name, mine in zip(names, actions)]
    ert = {"ERT": {"version": "0.4", "tables": tables}}
    art = {"ART": {"version": "0.4", "tables": [{"name": name, "area": 2.0} for name in names]}}
    (folder / "ERT.yaml").write_text(yaml.safe_dump(ert))
    (folder / "ART.yaml").write_text(yaml.safe_dump(art))
    with open(pathlib.Path(__file__).with_name("runs"), "a") as runs:
        runs.write("run\\n")
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def install(body: str) -> Path:
        program = tmp_path / "accelergy"
        program.write_text(
            f"#!{sys.executable}\nimport pathlib, sys, time\n{textwrap.dedent(body)}\n"
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path))
        return program

    return install


def an_activity() -> Activity:
    bits = np.random.default_rng(1).random((1, 12, 30)) < 0.6
    return simulate(bits, Stream.of_density(7, 30, 1.0), ARCH, "MK_STA_KN_STR")


def test_its_tables_price_the_engine_and_it_runs_once(stand_in) -> None:  # type: ignore[no-untyped-def]
    program = stand_in(PRICES_ONE)
    activity = an_activity()
    model = load_energy_table("accelergy")
    breakdown = model.price(activity, ARCH)
    assert model.price(activity, ARCH).total == breakdown.total
    assert program.with_name("runs").read_text() == "run\n"
    energies = {(row.component, row.action): row.energy for row in breakdown.rows}
    counts = activity.by_action()
    adds = counts["ReduceNetwork", "ADDER", "ADD_3_1"]
    assert energies["ADDER", "ADD_3_1"] == 2 * adds
    assert energies["MULTIPLIER", "CONFIGURATION"] == 0
    reads = counts["GlobalBuffer", "GLOBALBUFFER", "READ"]
    assert energies["GLOBALBUFFER", "READ"] == pytest.approx(reads * 8 / 32)
    assert breakdown.unit == "pJ"
    assert breakdown.area == 2 * sum(activity.instances.values())
    assert str(program) in breakdown.provenance
    assert all(row.figure and row.figure.source for row in breakdown.rows)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "print('ERROR no estimator for wire'); sys.exit(3)",
            " failed (exit code 3): ERROR no est",
        ),
        ("sys.exit(1)", " failed (exit code 1): it said nothing"),
        ("print('alas'); print('=| -|'); sys.exit(1)", " failed (exit code 1): alas"),
        ("pass", " wrote no ERT.yaml; run it by hand to see why"),
        ("time.sleep(30)", " did not end within 0.5 s"),
        (
            PRICES_ONE.replace("for name in part", "for name in ['leak'] or part"),
            ": its ERT lacks action transfer_random of DSNetwork.DN_WIRE",
        ),
    ],
    ids=["fails", "silent", "rule", "nothing", "hangs", "lacks"],
)
def test_a_command_that_fails_is_told_in_one_line(stand_in, body: str, message: str) -> None:  # type: ignore[no-untyped-def]
    program = stand_in(body)
    model = AccelergyModel(timeout_seconds=0.5 if "sleep" in body else 30)
    with pytest.raises(InputError) as refusal:
        model.price(an_activity(), ARCH)
    assert str(refusal.value).startswith(f"{program}{message}")
    assert "\n" not in str(refusal.value)


def test_a_program_that_cannot_be_run(stand_in) -> None:  # type: ignore[no-untyped-def]
    program = stand_in("pass")
    program.write_text("#!/no/such/interpreter\n")
    with pytest.raises(InputError, match=r"accelergy: cannot be run: "):
        load_energy_table("accelergy").price(an_activity(), ARCH)


def test_without_the_command_it_says_what_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError) as refusal:
        load_energy_table("accelergy")
    assert str(refusal.value) == (
        "energy model 'accelergy': no executable accelergy on the PATH; install Accelergy and its "
        "plug-ins, or use --energy physical-aladdin, which has its figures"
    )


def test_the_files_that_the_command_reads(tmp_path: Path) -> None:
    activity = an_activity()
    files = write_accelergy(tmp_path, ARCH, activity.instances, activity.counts, activity.cycles)
    assert [file.name for file in files] == ["architecture.yaml", "action_counts.yaml"]
    architecture, counts = (yaml.safe_load(file.read_text()) for file in files)
    assert architecture["architecture"]["version"] == 0.4
    chip = architecture["architecture"]["subtree"][0]
    assert chip["attributes"] == {"technology": "28nm", "global_cycle_seconds": 2e-9}
    adder = chip["subtree"][2]["local"][1]
    assert adder == {
        "name": "ADDER[0..14]",
        "class": "intadder",
        "attributes": {"datawidth": 32},
        "required_actions": ["add", "leak"],
    }
    entries = {
        entry["name"]: {row["name"]: row["counts"] for row in entry["action_counts"]}
        for entry in counts["action_counts"]["local"]
    }
    assert len(entries) == len(activity.instances)
    tree = ("ReduceNetwork", "ADDER")
    assert entries["chip.ReduceNetwork.ADDER[0..14]"] == {
        "leak": 15 * activity.cycles,
        "add": activity.by_action()[(*tree, "ADD_2_1")]
        + 2 * activity.by_action()[(*tree, "ADD_3_1")],
    }


def test_floats_become_floating_point_classes(tmp_path: Path) -> None:
    arch = load_arch("sigma-hpca2020", {"num_ms": 16, "dn_bw": 16})
    (file,) = write_accelergy(tmp_path, arch, {("MSNetwork", "MULTIPLIER"): 16})
    chip = yaml.safe_load(file.read_text())["architecture"]["subtree"][0]
    part = chip["subtree"][0]["local"][0]
    assert (part["class"], part["attributes"]) == ("fpmultiplier", {"exponent": 8, "mantissa": 7})


def test_a_component_that_accelergy_has_no_class_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^component 'LOOM' of Mill: not known in Accelergy's te"):
        write_accelergy(tmp_path, ARCH, {("Mill", "LOOM"): 1})


@pytest.mark.skipif(shutil.which("accelergy") is None, reason="accelergy is not on the PATH")
def test_the_real_command() -> None:
    breakdown = load_energy_table("accelergy").price(an_activity(), ARCH)
    assert breakdown.total > 0
