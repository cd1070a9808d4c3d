import json
from collections import Counter

import numpy as np
import pandas as pd
import pytest

import hwsim
from hwsim.engines.stonne.sigma import SigmaEngine
from hwsim.errors import InputError
from hwsim.schemes.quantizer import Quantizer
from hwsim.workload import lower
from tests.arch.quick_search import quick_arch
from tests.studies.networks import tiny_network


def test_a_row_for_each_scheme_and_layer_in_order(tiny_run):
    assert list(tiny_run.layers["scheme"].unique()) == ["dense", "binary", "signed-binary"]
    names = ["stem", "block.conv1", "block.conv2", "block.depthwise", "fc"]
    for _, rows in tiny_run.layers.groupby("scheme"):
        assert list(rows["layer"]) == names


def test_schemes_leave_the_other_layers_dense(tiny_run):
    applied = tiny_run.layers.set_index(["scheme", "layer"])["scheme_applied"]
    assert applied["signed-binary", "stem"] == "dense"
    assert applied["signed-binary", "block.conv1"] == "signed-binary"
    assert applied["binary", "fc"] == "dense"


def test_each_figure_is_that_of_the_engine_and_the_table(tiny_run):
    network = tiny_network()
    arch = hwsim.load_arch("sigma", {"num_ms": 32})
    quantized = hwsim.quantize(network, "signed-binary").layers[1]
    activity = SigmaEngine().simulate(lower(quantized), arch)
    breakdown = hwsim.load_energy_table("stonne").price(activity, arch)

    row = tiny_run.layers.set_index(["scheme", "layer"]).loc[("signed-binary", "block.conv1")]
    assert (row["M"], row["K"], row["N"], row["groups"]) == (8, 72, 36, 1)
    assert row["cycles"] == activity.cycles
    assert row["utilization"] == activity.utilization
    assert row["energy"] == breakdown.total
    assert row["energy_static"] == breakdown.static
    assert row["density"] == np.count_nonzero(quantized.mask) / quantized.mask.size
    assert row["effectual_macs"] == np.count_nonzero(quantized.mask) * 36

    actions = tiny_run.table.query(
        "scheme == 'signed-binary' and layer == 'block.conv1' and action != 'static'"
    )
    found = actions.set_index(["unit", "component", "action"])["count"].to_dict()
    assert found == activity.by_action()


def test_binary_costs_what_dense_costs_because_no_weight_is_zero(tiny_run):
    ratios = tiny_run.totals.query("scheme == 'binary'")[["cycles_ratio", "energy_ratio"]]
    assert (ratios == 1).all(axis=None)


def test_ratios_are_dense_over_scheme(tiny_run):
    rows = tiny_run.layers.set_index(["layer", "scheme"])
    dense, signed = rows.loc[("block.conv2", "dense")], rows.loc[("block.conv2", "signed-binary")]
    assert signed["cycles_ratio"] == dense["cycles"] / signed["cycles"]
    assert signed["energy_ratio"] == dense["energy"] / signed["energy"]
    assert signed["energy_ratio"] > 1


def test_totals_and_components_are_sums_of_the_long_table(tiny_run):
    network = tiny_run.totals.query("scope == 'network'").set_index("scheme")["energy"]
    pd.testing.assert_series_equal(
        network, tiny_run.table.groupby("scheme", sort=False)["energy"].sum(), check_names=False
    )
    by_component = tiny_run.components.groupby("scheme", sort=False)
    pd.testing.assert_series_equal(network, by_component["energy"].sum(), check_names=False)
    np.testing.assert_allclose(by_component["share"].sum(), 1)
    assert tiny_run.components["energy"].iloc[0] == tiny_run.components["energy"].max()


def test_totals_of_the_quantized_layers_stand_beside_those_of_the_network(tiny_run):
    totals = tiny_run.totals.set_index(["scheme", "scope"])
    layers = tiny_run.layers.query("scheme == 'dense' and layer.str.contains('conv[12]')")
    assert totals.loc[("dense", "quantized layers"), "cycles"] == layers["cycles"].sum()
    assert totals.loc[("dense", "quantized layers"), "layers"] == 2
    assert totals.loc[("dense", "network"), "layers"] == 5


def test_one_scope_where_every_layer_is_quantized():
    result = hwsim.run(tiny_network(), schemes=["dense", "ternary"], quantize_layers=["all"])
    totals = result.by_energy_table("physical").totals
    assert totals["scope"].tolist() == ["network", "network"]


def test_without_a_dense_scheme_there_are_no_ratios():
    result = hwsim.run(tiny_network(), schemes=["binary"], layers="fc")
    assert result.baseline is None
    assert result.layers["energy_ratio"].isna().all()
    assert result.totals["cycles_ratio"].isna().all()
    assert result.to_dict()["layers"][0]["energy_ratio"] is None


def test_choosing_layers_does_not_change_what_is_quantized():
    network = tiny_network(quantized_layers=None)  # then: all but the first and the last
    whole = hwsim.run(network).layers.query("layer == 'block.depthwise'")
    alone = hwsim.run(network, layers=["*depthwise"]).layers
    pd.testing.assert_frame_equal(whole.reset_index(drop=True), alone)


def test_workers_do_not_change_the_result(default_run):
    for workers in (1, 3):
        other = hwsim.run(tiny_network(), overrides={"num_ms": 32}, workers=workers)
        pd.testing.assert_frame_equal(other.table, default_run.table)
        pd.testing.assert_frame_equal(other.structures, default_run.structures)


def test_layers_without_zeros_and_of_one_shape_are_evaluated_once(monkeypatch):
    asked = []
    simulate_alike = SigmaEngine.simulate_alike

    def noted(self, groups, arch):
        asked.extend(name for alike in groups for name in alike.names)
        return simulate_alike(self, groups, arch)

    monkeypatch.setattr(SigmaEngine, "simulate_alike", noted)
    hwsim.run(tiny_network(), workers=1)
    assert sorted(asked) == sorted(
        ["stem", "block.conv1", "block.depthwise", "fc", "block.conv1", "block.conv2"]
    )


def test_the_manifest_says_what_the_run_rests_on(tmp_path):
    from hwsim.networks import save_network

    network = hwsim.make_network("resnet20-cifar")
    save_network(network, tmp_path / "net.npz")
    result = hwsim.run(
        tmp_path / "net.npz", overrides={"num_ms": 64}, layers="layer1.0.*", schemes=["binary"]
    )
    manifest = result.manifest
    assert json.loads(json.dumps(manifest)) == manifest
    assert manifest["hwsim"] == hwsim.__version__
    assert manifest["network"]["file"] == str(tmp_path / "net.npz")
    assert len(manifest["network"]["sha256"]) == 64
    assert manifest["network"]["layers"] == ["layer1.0.conv1", "layer1.0.conv2"]
    assert manifest["arch"]["parameters"]["num_ms"] == {"value": 64, "unit": "multipliers"}
    assert manifest["arch"]["overrides"] == {"num_ms": 64}
    assert manifest["arch"]["options"] == {"distribution": "ports"}
    assert manifest["schemes"][0]["origins"] == {"quantised after training": 2}
    assert [each["label"] for each in manifest["energy_tables"]] == [
        "physical model, pJ",
        "STONNE's table (the paper's), unit not stated by its authors",
    ]
    assert manifest["energy"]["label"] == "physical model, pJ"


def test_quantization_tells_what_became_of_the_weights(tiny_run):
    rows = tiny_run.quantization.set_index(["scheme", "layer"])
    signed = rows.loc[("signed-binary", "block.conv1")]
    assert signed["bits"] == 8 * 8 * 9
    assert (signed["positive_filters"], signed["negative_filters"]) == (4, 4)
    assert rows.loc[("signed-binary", "fc"), "scheme_applied"] == "dense"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layers": "fcc"}, "no layer of tiny matches 'fcc'; did you mean 'fc'?"),
        ({"schemes": []}, "no scheme to evaluate; give at least one, e.g. signed-binary"),
        ({"schemes": ["dens"]}, "unknown scheme 'dens'; did you mean 'dense'?"),
        ({"arch": "sgma"}, "unknown arch 'sgma'; did you mean 'sigma'?"),
        ({"energy": "stone"}, "unknown energy table 'stone'; did you mean 'stonne'?"),
        (
            {"arch": hwsim.load_arch("sigma"), "overrides": {"num_ms": 64}},
            "arch sigma: it is loaded already; give load_arch the overrides",
        ),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(InputError) as error:
        hwsim.run(tiny_network(), **arguments)
    assert str(error.value) == message


def test_a_scheme_given_twice_is_evaluated_once():
    result = hwsim.run(tiny_network(), schemes=["dense", "binary", "dense"], layers="fc")
    assert result.schemes == ["dense", "binary"]


def test_an_all_zero_layer_costs_something_finite():
    network = tiny_network()
    network.layers[1].weight[:] = 0
    result = hwsim.run(network, layers="block.conv1")
    assert result.layers["density"].tolist()[0] == 0
    assert np.isfinite(result.layers[["cycles", "energy", "energy_ratio"]]).all(axis=None)


def test_reads_that_nobody_waits_for_are_shown_by_layer_and_in_sum(tiny_run):
    layers = tiny_run.layers.set_index(["scheme", "layer"])
    for scheme in tiny_run.schemes:
        for layer in hwsim.quantize(tiny_network(), scheme).layers:
            activity = SigmaEngine().simulate(
                lower(layer), hwsim.load_arch("sigma", {"num_ms": 32})
            )
            row = layers.loc[(scheme, layer.layer.name)]
            assert (row["activation_reads"], row["unused_reads"]) == activity.activation_reads
    totals = tiny_run.totals.set_index(["scheme", "scope"])
    assert totals.loc[("dense", "network"), "unused_share"] == 0
    mine = layers.loc["signed-binary"]
    share = mine["unused_reads"].sum() / mine["activation_reads"].sum()
    assert 0 < share < 1
    assert totals.loc[("signed-binary", "network"), "unused_share"] == share
    inner = mine.loc[["block.conv1", "block.conv2"]]
    quantized = inner["unused_reads"].sum() / inner["activation_reads"].sum()
    assert totals.loc[("signed-binary", "quantized layers"), "unused_share"] == quantized


def test_an_engine_that_tells_no_reads_apart_leaves_them_empty(tmp_path):
    arch = quick_arch(tmp_path, "simple")
    result = hwsim.run(tiny_network(), schemes=["dense"], layers=["fc"], arch=arch)
    result.save(tmp_path / "run")
    for each in (result, hwsim.load_run(tmp_path / "run")):
        assert each.layers[["activation_reads", "unused_reads"]].isna().all(axis=None)
        assert each.totals["unused_share"].isna().all()
        assert each.to_dict()["totals"][0]["unused_share"] is None


def test_each_layer_is_quantised_once_a_scheme(monkeypatch):
    asked = Counter()
    together = Quantizer.together

    def counted(self, names):
        asked.update((str(self.scheme), name) for name in names)
        return together(self, names)

    monkeypatch.setattr(Quantizer, "together", counted)
    result = hwsim.run(tiny_network(), schemes=["dense", "signed-binary"], workers=1)
    assert set(asked.values()) == {1}
    assert len(asked) == 5 + 2  # three layers are dense under both schemes
    assert len(result.quantization) == 10


def test_weights_are_hashed_only_for_a_store(monkeypatch, tmp_path):
    def refused(_):
        raise AssertionError

    kept = hwsim.run(tiny_network(), store=tmp_path / "results.db")
    again = hwsim.run(tiny_network(), store=tmp_path / "results.db")
    monkeypatch.setattr("hwsim.studies.plan.array_key", refused)
    plain = hwsim.run(tiny_network())
    for other in (kept, again):
        pd.testing.assert_frame_equal(plain.quantization, other.quantization)
        pd.testing.assert_frame_equal(plain.layers, other.layers)
