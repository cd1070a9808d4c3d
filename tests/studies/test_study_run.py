"""Studies through a store: nothing twice, everything again, and only what changed anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hwsim
from hwsim.errors import InputError
from hwsim.networks import save_network
from hwsim.studies.evaluation import Evaluation
from hwsim.studies.store.store import Store
from hwsim.studies.study_diff import diff_studies
from hwsim.studies.study_export import export_study
from hwsim.studies.study_file import study_of
from hwsim.studies.study_result import load_study_result
from hwsim.studies.study_run import cells_of, forecast, run_study
from hwsim.studies.study_store import collect_garbage, list_studies
from hwsim.studies.workers.threads import ThreadWorkers
from tests.studies.networks import tiny_network


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.npz"
    save_network(tiny_network(), path)
    return path


def spec(model: Path, **others: Any) -> dict[str, Any]:
    return {
        "study": "tiny",
        "model": str(model),
        "scheme": ["dense", "pruned"],
        "sparsity": [0.5, 0.75],
        "quantize_layers": "all",
        "set": {"num_ms": [8, 16]},
        **others,
    }


def evaluated(store: Path, study: dict[str, Any]) -> int:
    """Count the tasks that a study would have to do."""
    coming = forecast(study, store)
    return coming.tasks - coming.known


def test_a_study_says_what_runs_say(model: Path, tmp_path: Path) -> None:
    result = run_study(spec(model), tmp_path / "x.db")
    assert len(result.points) == 2 * 3
    for num_ms in (8, 16):
        schemes = ["dense", "pruned:sparsity=0.5", "pruned:sparsity=0.75"]
        run = hwsim.run(
            model,
            "sigma",
            schemes,
            overrides={"num_ms": num_ms},
            quantize_layers="all",
            energy="physical",
        )
        rows = result.layers[result.layers["num_ms"] == num_ms].reset_index(drop=True)
        for column in ("cycles", "energy", "energy_static", "density", "cycles_ratio", "macs"):
            np.testing.assert_array_equal(rows[column], run.layers[column])
        points = result.points[result.points["num_ms"] == num_ms].reset_index(drop=True)
        whole = run.totals[run.totals["scope"] == "network"].reset_index(drop=True)
        for column in ("cycles", "energy_dynamic", "density", "energy_ratio"):
            np.testing.assert_allclose(points[column], whole[column], rtol=1e-14)


def test_what_is_known_is_not_done_again(model: Path, tmp_path: Path) -> None:
    store = tmp_path / "x.db"
    first = run_study(spec(model), store)
    assert evaluated(store, spec(model)) == 0
    second = run_study(spec(model), store)
    assert second.layers.equals(first.layers)
    # A layer that is left alone is one task under all schemes; another level is two tasks more.
    more = spec(model, sparsity=[0.5, 0.75, 0.9])
    layers = len(tiny_network().layers)
    assert evaluated(store, more) == 2 * layers
    assert evaluated(store, spec(model, study="another name")) == 0


@pytest.mark.parametrize("changed", [{"clock": "100 MHz"}, {"dram": "HBM2"}, {"node": "45 nm"}])
def test_another_clock_or_memory_is_only_priced(
    model: Path, tmp_path: Path, changed: dict[str, str]
) -> None:
    store = tmp_path / "x.db"
    first = run_study(spec(model), store)
    other = spec(model, set={"num_ms": [8, 16], **changed})
    assert evaluated(store, other) == 0
    second = run_study(other, store)
    assert (second.layers["cycles"] == first.layers["cycles"]).all()
    assert (second.layers["energy"] != first.layers["energy"]).all()


def test_an_edited_layer_is_done_alone(model: Path, tmp_path: Path) -> None:
    store = tmp_path / "x.db"
    run_study(spec(model), store)
    network = tiny_network()
    first, *others = network.layers
    weight = first.weight.copy()
    weight.flat[0] += 1
    save_network(replace(network, layers=(replace(first, weight=weight), *others)), model)
    assert evaluated(store, spec(model)) == 2 * 3


def test_a_threshold_across_layers_depends_on_all(model: Path, tmp_path: Path) -> None:
    store = tmp_path / "x.db"
    asked = spec(model, scheme="pruned:scope=network", sparsity=0.5, set={})
    run_study(asked, store)
    network = tiny_network()
    *others, last = network.layers
    save_network(replace(network, layers=(*others, replace(last, weight=last.weight * 2))), model)
    assert evaluated(store, asked) == len(network.layers)


def test_every_layer_that_failed_is_named_and_tried_again(model: Path, tmp_path: Path) -> None:
    store = tmp_path / "x.db"
    asked = spec(model, set={"multiplier": "mask"}, sparsity=0.5)
    result = run_study(asked, store)
    assert len(result.failures) == 2 * len(tiny_network().layers)
    assert "units that multiply by a mask take weights of the coding zero" in result.failures[0]
    assert result.points["cycles"].isna().all()
    assert (result.points["done"] == 0).all()
    assert evaluated(store, asked) == len(tiny_network().layers) * 2


def test_tables_come_out_in_one_call(model: Path, tmp_path: Path) -> None:
    store = tmp_path / "x.db"
    result = run_study(spec(model), store)
    assert hwsim.load_study(store).equals(result.layers)
    assert hwsim.load_study(store, "tiny", by="point").equals(result.points)
    with pytest.raises(InputError, match="has no study 'tinny'; did you mean 'tiny'"):
        hwsim.load_study(store, "tinny")
    with pytest.raises(InputError, match="no such store"):
        hwsim.load_study(tmp_path / "y.db")
    assert not (tmp_path / "y.db").exists()


def test_export_gives_the_same_tables(model: Path, tmp_path: Path) -> None:
    import pandas as pd

    result = run_study(spec(model), tmp_path / "x.db")
    export_study(result, tmp_path / "x.parquet")
    assert (pd.read_parquet(tmp_path / "x.parquet")["energy"] == result.layers["energy"]).all()
    export_study(result, tmp_path / "x.csv", "point")
    assert len(pd.read_csv(tmp_path / "x.csv")) == len(result.points)
    export_study(result, tmp_path / "folder")
    assert {each.name for each in (tmp_path / "folder").iterdir()} == {
        *("points.csv", "layers.csv", "manifest.json")
    }
    with pytest.raises(InputError, match=r"expected .csv, .parquet, .json, or a folder"):
        export_study(result, tmp_path / "x.xls")


def test_diff_finds_what_changed(model: Path, tmp_path: Path) -> None:
    store = tmp_path / "x.db"
    before = run_study(spec(model), store)
    other = spec(model, study="slow", set={"num_ms": [8, 16], "clock": "100 MHz"})
    after = run_study(other, store)
    assert not diff_studies(before, before).differs
    found = diff_studies(before, after)
    assert len(found.rows) == len(before.layers)
    assert (found.rows["cycles_change"] == 0).all()
    assert (found.rows["energy_change"] > 0).all()
    fewer = run_study(spec(model, study="fewer", set={"num_ms": 8}), store)
    found = diff_studies(before, fewer)
    assert (len(found.rows), found.equal, found.only_before, found.only_after) == (0, 15, 15, 0)


def test_garbage_is_what_no_study_asks_for(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    run_study(spec(model), path)
    run_study(spec(model, set={"num_ms": 8}), path)
    with Store(path) as store:
        gone = collect_garbage(store)
        assert gone["tasks"] == 15
        [entry] = list_studies(store)
    assert (entry.tasks, entry.done) == (15, 15)
    assert evaluated(path, spec(model, set={"num_ms": 8})) == 0


def test_a_run_goes_on_where_it_was(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    first = hwsim.run(model, layers="stem", store=path)
    whole = hwsim.run(model, store=path)
    plain = hwsim.run(model)
    assert whole.layers.equals(plain.layers)
    assert whole.table.equals(plain.table)
    assert first.layers["cycles"].isin(whole.layers["cycles"]).all()
    assert len(load_study_result(path, "run of tiny on sigma").layers) == 15


def test_an_engine_that_is_an_object_is_not_kept(model: Path, tmp_path: Path) -> None:
    class Bare:
        name = "bare"

        def simulate(self, workload: object, arch: object) -> object:
            return None

    with pytest.raises(InputError, match="engine 'bare' is an object of this process"):
        hwsim.run(model, engine=Bare(), store=tmp_path / "x.db")  # type: ignore[arg-type]


def test_without_a_store_memory_serves(model: Path) -> None:
    cells = [each.cell for each in cells_of(study_of(spec(model)))]
    evaluation = Evaluation(cells)
    with ThreadWorkers(1) as workers:
        evaluation.run(workers)
    assert [len(evaluation.outcomes(number)) for number in range(6)] == [5] * 6
    assert not evaluation.missing


def test_only_a_file_outlives_the_process(tmp_path: Path) -> None:
    with Store(":memory:") as store:
        assert not store.lasts
    with Store(tmp_path / "x.db") as store:
        assert store.lasts
