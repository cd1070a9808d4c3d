import json

import pandas as pd
import pytest

import hwsim
from hwsim.errors import InputError
from tests.studies.networks import tiny_network


@pytest.fixture(scope="module")
def tiny_sweep():
    return hwsim.sweep(tiny_network(), sparsity="0,0.5,0.9", overrides={"num_ms": 32})


def test_a_row_for_each_level(tiny_sweep):
    assert tiny_sweep.table["sparsity"].tolist() == [0, 0.5, 0.9]
    assert tiny_sweep.table["density"].tolist() == pytest.approx([1, 0.5, 0.1], abs=0.01)


def test_nothing_pruned_costs_what_dense_costs(tiny_sweep):
    first = tiny_sweep.table.iloc[0]
    for scope in ("", "network_"):
        assert first[f"{scope}energy_ratio"] == first[f"{scope}cycles_ratio"] == 1


def test_energy_falls_with_sparsity_and_layers_that_stay_dense_dilute_it(tiny_sweep):
    table = tiny_sweep.table
    assert table["energy_ratio"].is_monotonic_increasing
    assert (table["energy_ratio"][1:] > table["network_energy_ratio"][1:]).all()
    assert not tiny_sweep.prunes_everything


def test_a_level_is_what_run_finds_for_the_pruned_scheme(tiny_sweep):
    scheme = "pruned:sparsity=0.5,method=random,seed=0"
    result = hwsim.run(
        tiny_network(), schemes=["dense", scheme], overrides={"num_ms": 32}, energy="physical"
    )
    totals = result.totals.set_index(["scheme", "scope"])
    level = tiny_sweep.table.iloc[1]
    assert level["cycles"] == totals.loc[(scheme, "quantized layers"), "cycles"]
    assert level["network_energy"] == totals.loc[(scheme, "network"), "energy"]


def test_both_scopes_are_one_where_every_layer_is_pruned():
    result = hwsim.sweep(tiny_network(), sparsity=[0.5], quantize_layers=["all"])
    assert result.prunes_everything
    assert result.table["energy"].tolist() == result.table["network_energy"].tolist()


def test_a_required_level_is_swept_too():
    result = hwsim.sweep(
        tiny_network(), sparsity="0,0.5", require=["energy_ratio>=99@0.65", "cycles>=1"]
    )
    assert result.table["sparsity"].tolist() == [0, 0.5, 0.65]
    ratio = result.table["energy_ratio"].iloc[2]
    assert result.failures == (
        f"energy_ratio>=99@0.65: energy_ratio is {ratio:.4g} at sparsity 0.65",
    )


def test_seed_and_method_change_the_zeros():
    def sweep(**settings):
        return hwsim.sweep(tiny_network(), sparsity=[0.6], **settings).table["cycles"].iloc[0]

    assert sweep(seed=1) == sweep(seed=1)
    assert len({sweep(seed=seed) for seed in range(5)} | {sweep(method="magnitude")}) > 1


def test_files(tiny_sweep, tmp_path):
    folder = tiny_sweep.save(tmp_path / "out")
    assert sorted(file.name for file in folder.iterdir()) == [
        "manifest.json",
        "summary.csv",
        "sweep.csv",
    ]
    assert pd.read_csv(folder / "sweep.csv")["cycles"].tolist() == [
        *tiny_sweep.table["cycles"].tolist()
    ]
    assert json.loads((folder / "manifest.json").read_text())["sweep"]["method"] == "random"


def test_plain_values_for_json(tiny_sweep):
    document = json.loads(json.dumps(tiny_sweep.to_dict(), allow_nan=False))
    assert [level["sparsity"] for level in document["levels"]] == [0, 0.5, 0.9]
    assert document["failures"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sparsity": []}, "no sparsity level to evaluate; give at least one, e.g. 0.65"),
        (
            {"method": "radnom"},
            "scheme 'pruned': method must be one of magnitude, random. Got radnom",
        ),
        ({"seed": -1}, "scheme 'pruned': seed must be an integer in [0, 4294967295]. Got -1"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(InputError) as error:
        hwsim.sweep(tiny_network(), **arguments)
    assert str(error.value) == message


def test_it_is_priced_by_the_headlines_table_or_the_one_that_is_asked_for(tiny_sweep):
    tables = [entry["table"] for entry in tiny_sweep.manifest["energy_tables"]]
    assert tables == ["physical"]
    assert set(tiny_sweep.layers["energy_table"]) == {"physical"}
    stonne = hwsim.sweep(tiny_network(), sparsity="0.5", energy="stonne")
    assert set(stonne.layers["energy_table"]) == {"stonne"}
    with pytest.raises(InputError) as error:
        hwsim.sweep(tiny_network(), sparsity="0.5", energy="stonne,physical")
    assert str(error.value) == "a sweep is priced by one energy table. Got stonne, physical"


def test_a_sweep_that_prunes_nothing_is_refused():
    with pytest.raises(InputError, match="a sweep of which no layer is pruned"):
        hwsim.sweep(tiny_network(), sparsity="0.5", layers="stem", energy="stonne")
    hwsim.sweep(tiny_network(), sparsity="0", layers="stem", energy="stonne")
