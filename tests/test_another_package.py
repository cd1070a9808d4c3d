"""A package from outside brings a machine, a format, a scheme and prices: nothing is edited.

It is installed by pip into a folder of its own, so that its entry points are found as a user's are
and other tests do not see them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import hwsim
from hwsim.arch.parts import Components
from hwsim.energy import list_energy_tables
from hwsim.engines import engine_names, load_engine
from hwsim.errors import InputError
from hwsim.networks.network import Layer, Network
from hwsim.schemes.registry import scheme_names

PACKAGE = Path(__file__).parent / "lanes_package"
LANES = PACKAGE / "hwsim_lanes" / "lanes.yaml"


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package, on the path of this process and of those that it starts."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder.parent / "lanes_source"
    shutil.copytree(PACKAGE, source)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", folder, source], check=True
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        known = os.environ.get("PYTHONPATH", "")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *filter(None, [known])]))
        yield folder
    for name in [name for name in sys.modules if name.startswith("hwsim_lanes")]:
        del sys.modules[name]


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Two layers, (2, 2, 3, 3) and (3, 2, 1, 1), without zeros, every third weight negative."""
    file = tmp_path / "net.lanes"
    lines = []
    for name, shape, padding in (("a", (2, 2, 3, 3), 1), ("b", (3, 2, 1, 1), 0)):
        size = int(np.prod(shape))
        values = np.arange(1, size + 1) * np.where(np.arange(size) % 3, 1, -1)
        lines.append(
            json.dumps(
                {
                    "layer": name,
                    "weight": values.reshape(shape).tolist(),
                    "padding": [padding, padding],
                    "input_size": [4, 4],
                }
            )
        )
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hwsim", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_found_by_its_names() -> None:
    assert "lanes" in engine_names()
    assert load_engine("lanes").name == "lanes"
    assert "halved" in scheme_names()
    assert "lanes" in list_energy_tables()


def test_run_takes_engine_reader_scheme_and_both_prices(weights: Path) -> None:
    done = command(
        *("run", "--arch", LANES, "--model", weights, "--scheme", "dense", "--scheme", "halved"),
        *("--energy", "lanes,physical", "--json"),
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    layers = {
        (row["scheme"], row["layer"]): row
        for row in result["layers"]
        if row["energy_table"] == "lanes"
    }
    # 2 filters of 18 weights over 4 lanes are 2 x 5 steps; 16 vectors; 3 rows of a 3x3 window.
    assert layers["dense", "a"]["cycles"] == 2 * 5 * 16 + 3
    assert layers["halved", "a"]["cycles"] == 2 * 3 * 16 + 3
    assert layers["dense", "b"]["cycles"] == 3 * 1 * 16 + 1
    prices = {"MULTIPLICATION": 0.00741, "SUBTRACT": 0.111, "READ": 0.044, "WRITE": 0.044}
    products, negatives, outputs = 36 * 16, 12 * 16, 2 * 16
    reads = 36 + products
    dynamic = (
        products * prices["MULTIPLICATION"]
        + negatives * prices["SUBTRACT"]
        + (reads + outputs) * prices["READ"]
    )
    assert layers["dense", "a"]["energy_dynamic"] == pytest.approx(dynamic)
    physical = [row for row in result["components"] if row["energy_table"] == "physical"]
    adders = [row for row in physical if row["component"] == "GROUPADDER"]
    # 45 nm: an addition of 32 bits is 0.1 pJ (Horowitz, ISSCC 2014).
    dense = next(row for row in adders if row["scheme"] == "dense")
    assert dense["energy"] == pytest.approx((12 + 2) * 16 * 0.1)


def test_what_another_table_does_not_price_is_refused_by_name(weights: Path) -> None:
    done = command("run", "--arch", LANES, "--model", weights, "--energy", "stonne")
    assert done.returncode == 2
    assert "no prices for component 'GROUPADDER' in MSNetwork" in done.stderr


def test_an_action_that_physical_prices_leave_out_is_refused(monkeypatch) -> None:
    from hwsim_lanes import pricing

    from hwsim.activity import ActionKey

    monkeypatch.setattr(pricing, "GROUP", ActionKey("MSNetwork", "OTHER", "SUBTRACT"))
    weight = np.array([[-1.0, 2.0, 3.0]])
    network = Network("net", (Layer("fc", "linear", weight),))
    with pytest.raises(InputError) as refusal:
        hwsim.run(network, arch=LANES, schemes=["dense"], energy="physical")
    assert str(refusal.value) == (
        "energy model 'physical': no price for action 'SUBTRACT' of component 'GROUPADDER' in "
        "MSNetwork (1 of 1 counted)"
    )


def test_it_joins_in_at_equal_area(weights: Path) -> None:
    """Four multipliers of 8 x 8 bits are as large as 21 lanes of two gates a bit, 43 of one."""
    part = Components(45)
    limit = 4 * 282
    lanes = {"dense": 4, "halved": int(limit // part.gate_area(16).value)}
    lanes["binary"] = int(limit // part.gate_area(8).value)
    assert lanes == {"dense": 4, "halved": 21, "binary": 43}
    result = hwsim.run(
        weights, LANES, list(lanes), equal_area=True, layers="a", quantize_layers=["all"]
    )
    assert result.machines is not None
    assert dict(zip(result.machines["scheme"], result.machines["units"], strict=True)) == lanes
    assert result.machines["waits"].isna().all()  # the engine does not say


def test_sweep_takes_it(weights: Path, tmp_path: Path) -> None:
    done = command(
        *(
            "sweep",
            "--arch",
            LANES,
            "--model",
            weights,
            "--sparsity",
            "0,0.5",
            "-o",
            tmp_path / "o",
        ),
        *("--require", "cycles_ratio>=1.2@0.5"),
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "o" / "sweep.csv").is_file()


def test_gemm_takes_it(tmp_path: Path) -> None:
    mk = np.array([[1, 0, -1, 1, 1, 1], [0, 0, 0, 0, 0, 2]], dtype=np.float32)
    np.save(tmp_path / "mk.npy", mk)
    done = command(
        *("gemm", "--arch", LANES, "--mk", tmp_path / "mk.npy", "--columns", 3, "--json", "-")
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["cycles"] == (2 + 1) * 3
    assert result["counters"]["MSNetwork"]["GROUPADDER"]["SUBTRACT"] == 3
    assert result["counters"]["GlobalBuffer"]["GLOBALBUFFER"]["READ"] == 6 + 6 * 3


def test_a_3x3_convolution_is_not_the_matrix_product_that_it_unrolls_to() -> None:
    """Both are 64 filters of 576 weights over 256 vectors, and this engine tells them apart."""
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(64, 64, 3, 3)).astype(np.float32)
    layers = (
        Layer("three", "conv", weight, padding=(1, 1), input_size=(16, 16)),
        Layer("one", "conv", weight.reshape(64, 576, 1, 1), input_size=(16, 16)),
    )
    result = hwsim.run(Network("net", layers), arch=LANES, schemes=["dense"], energy="physical")
    cycles = result.layers.set_index("layer")["cycles"]
    assert cycles["three"] - cycles["one"] == 2
