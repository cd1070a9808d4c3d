import io

import numpy as np
import pytest
from rich.console import Console

import hwsim
from hwsim.errors import EngineError, InputError
from hwsim.kernels import bench as measure
from hwsim.kernels import tuning
from hwsim.kernels.peak import Peak
from hwsim.networks.network import Layer, Network
from hwsim.reports.kernel_report import kernel_report

pytest.importorskip("llvmlite")
pytest.importorskip("threadpoolctl")


@pytest.fixture
def quick(monkeypatch):
    """One tile, and no measurement of the machine."""
    monkeypatch.setattr(tuning, "_FILTERS", {2: (2,), 3: (2,)})
    monkeypatch.setattr(tuning, "_VECTORS", (1,))
    monkeypatch.setattr(tuning, "_PANELS", (0.5,))
    monkeypatch.setattr("hwsim.kernels.measuring.measure_peak", lambda: Peak(100.0, 90.0, 80.0))


def network(*names):
    draw = np.random.default_rng(0)
    layers = [
        Layer(
            name,
            "linear" if name == "fc" else "conv",
            draw.laplace(size=(6, 4) if name == "fc" else (6, 4, 3, 3)).astype(np.float32),
            **({} if name == "fc" else {"padding": (1, 1), "input_size": (5, 5)}),
        )
        for name in names
    ]
    return Network("small", tuple(layers))


def under(net, *schemes, layers="all"):
    return {scheme: hwsim.quantize(net, scheme, layers) for scheme in schemes}


@pytest.mark.usefixtures("quick")
def test_a_network_under_three_schemes():
    told = []
    schemes = "binary", "ternary", "signed-binary"
    asked = under(network("a", "b", "fc"), *schemes, layers=["a", "b"])
    result = measure(asked, 2, progress=told.append)
    assert told == ["a", "b"]
    assert result.left == ("fc",)
    assert [each.layer.name for each in result.layers] == ["a", "b"]
    first = result.layers[0]
    assert [*first.times.seconds][:5] == [*schemes, "sgemm", "im2col+sgemm"]
    assert all(len(times) == 2 for times in first.times.seconds.values())
    assert result.macs == 2 * 6 * 36 * 25
    both = [each.times.of("binary") for each in result.layers]
    assert result.total("binary").low == both[0].low + both[1].low
    assert result.total("binary").median == both[0].median + both[1].median
    assert result.total("binary").high == both[0].high + both[1].high
    kernel = first.kernels["signed-binary"]
    assert 0 < kernel.error < 1e-6
    assert first.additions_per_mac("signed-binary") == kernel.additions / (6 * 36)
    median = first.times.of("ternary").median
    assert first.macs_per_second("ternary") == 6 * 36 * 25 / median
    made = first.kernels["ternary"].additions * first.kernels["ternary"].positions
    assert first.additions_per_second("ternary") == made / median


@pytest.mark.usefixtures("quick")
def test_linear_layers_several_images_and_products():
    draw = np.random.default_rng(0)
    net = Network(
        "small",
        (
            Layer("maps", "conv", draw.laplace(size=(6, 4, 3, 3)), input_size=(5, 6), images=3),
            Layer("tokens", "linear", draw.laplace(size=(6, 40)), vectors=5),
            Layer.product("scores", 3, 4, 2),
        ),
    )
    result = measure(under(net, "binary", "ternary"), 1)
    assert result.left == ("scores",)
    maps, tokens = result.layers
    assert {kernel.error < 1e-6 for each in (maps, tokens) for kernel in each.kernels.values()} == {
        True
    }
    one = Layer("one", "conv", net.layers[0].weight, input_size=(5, 6))
    alone = measure(under(Network("one", (one,)), "binary"), 1).layers[0].kernels["binary"]
    assert maps.kernels["binary"].positions == 3 * alone.positions
    assert maps.kernels["binary"].additions == alone.additions
    assert tokens.macs_per_second("binary") == 6 * 40 * 5 / tokens.times.of("binary").median
    assert result.ways[:4] == ("binary", "ternary", "sgemm", "im2col+sgemm")
    assert "oneDNN" not in result.everywhere
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(kernel_report(result))
    if "oneDNN" in result.ways:  # where torch is
        rows = [line.split() for line in console.export_text().splitlines()]
        assert next(row for row in rows if row[:1] == ["tokens"])[-1] == "-"


@pytest.mark.usefixtures("quick")
def test_the_report_and_the_document():
    result = measure(under(network("a"), "binary", "signed-binary"), 1)
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(kernel_report(result))
    text = console.export_text()
    for part in ("signed-binary", "over binary", "add/MAC", "left out   no layer", "all"):
        assert part in text
    document = result.to_dict()
    assert document["peak"] == {"fma": 100, "add": 90, "load": 80}
    (layer,) = document["layers"]
    assert layer["kernels"]["binary"]["tile"] == {
        "filters": 2,
        "digits": 2,
        "vectors": 1,
        "panel": 0.5,
    }
    assert layer["seconds"]["binary"]["median"] > 0
    assert document["total"]["binary"] == layer["seconds"]["binary"]


@pytest.mark.usefixtures("quick")
def test_a_wrong_kernel_is_found(monkeypatch):
    class Wrong(tuning.MergedConvolution):
        def __call__(self, given, out=None):
            return super().__call__(given) * np.float32(1.001)

    monkeypatch.setattr(tuning, "MergedConvolution", Wrong)
    with pytest.raises(EngineError, match="layer 'a': merged sums differ from the dense product"):
        measure(under(network("a"), "signed-binary"), 1)


@pytest.mark.usefixtures("quick")
def test_what_cannot_be_measured():
    with pytest.raises(InputError, match="no layer to measure that every scheme changes"):
        measure(
            under(network("fc", "a"), "binary", layers=["a"]) | under(network("fc", "a"), "dense"),
            1,
        )
    with pytest.raises(InputError, match="filter 0 has 36 levels"):
        measure(under(network("a"), "pruned:sparsity=0"), 1)
    for rounds, seed, said in ((0, 0, "--rounds 0"), (1, -1, "--seed -1")):
        with pytest.raises(InputError, match=said):
            measure(under(network("a"), "binary"), rounds, seed)
