"""Modules by one run; counts by hand, and by torch's own counter."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

import hwsim  # noqa: E402
from hwsim.errors import InputError  # noqa: E402
from hwsim.networks import make_network  # noqa: E402
from hwsim.networks.network import Layer, Network  # noqa: E402
from tests.networks import torch_models  # noqa: E402

rand = torch.randn


class Calls(nn.Module):
    """A module of one function of its parts."""

    def __init__(self, function: Any, **parts: Any) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, *args: Any) -> Any:
        return self.function(self, *args)


def facts(network: Network) -> list[tuple[str, str, int]]:
    return [(layer.name, layer.kind, layer.macs) for layer in network.layers]


def only(network: Network) -> Layer:
    (layer,) = network.layers
    return layer


def counted(module: Any, *inputs: Any) -> int:
    """Multiply-accumulates by torch's own counter."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module.eval()(*inputs)
    return int(counter.get_total_flops()) // 2


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Conv1d(4, 6, 3, 2, 1, 2, 2), (2, 4, 17)),
        (nn.Conv2d(4, 6, (3, 5), (2, 1), (1, 2), groups=2), (2, 4, 9, 11)),
        (nn.Conv3d(2, 4, (3, 2, 3), (2, 1, 2), 1, groups=2), (1, 2, 7, 6, 5)),
        (nn.ConvTranspose1d(4, 6, 3, 2, groups=2), (1, 4, 9)),
        (nn.ConvTranspose2d(4, 6, 3, 2, 1, 1), (2, 4, 5, 6)),
        (nn.ConvTranspose3d(2, 3, 2), (1, 2, 3, 4, 5)),
        (nn.Conv2d(1, 2, 4, padding="same"), (1, 1, 9, 8)),
        (nn.Conv1d(1, 2, 2, padding="same", dilation=3), (1, 1, 9)),
        (nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular"), (1, 1, 5, 6)),
        (nn.Linear(3, 4), (2, 5, 3)),
        (nn.GRU(3, 4, 2, bidirectional=True), (6, 2, 3)),
        (nn.RNN(3, 4), (6, 3)),
        (nn.GRUCell(3, 4), (2, 3)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_layers_of_torch(module: Any, shape: tuple[int, ...]) -> None:
    given = rand(shape)
    network = hwsim.from_torch(module, given)
    assert sum(layer.macs for layer in network.layers) == counted(module, given) > 0


def test_uneven_padding_is_the_padding_of_the_layer() -> None:
    same = only(hwsim.from_torch(nn.Conv2d(1, 2, 4, padding="same"), rand(1, 1, 9, 8)))
    assert (same.padding, same.padding_end, same.input_size) == ((1, 1), (2, 2), (9, 8))
    both = nn.Sequential(nn.ZeroPad2d((0, 1, 2, 3)), nn.Conv2d(1, 2, 3, padding=1))
    layer = only(hwsim.from_torch(both, rand(1, 1, 9, 8)))
    assert (layer.padding, layer.padding_end, layer.input_size) == ((3, 1), (4, 2), (9, 8))
    ones = nn.Sequential(nn.ConstantPad2d(1, 1.0), nn.Conv2d(1, 2, 3))
    layer = only(hwsim.from_torch(ones, rand(1, 1, 9, 8)))
    assert (layer.padding, layer.input_size) == ((0, 0), (11, 10))


def test_an_lstm_sees_a_vector_a_step() -> None:
    lstm = Calls(lambda m, x: m.rnn(x), rnn=nn.LSTM(3, 5, bidirectional=True, batch_first=True))
    network = hwsim.from_torch(lstm, rand(2, 7, 3))
    assert facts(network) == [
        ("rnn.weight_ih_l0", "linear", 14 * 60),
        ("rnn.weight_hh_l0", "linear", 14 * 100),
        ("rnn.weight_ih_l0_reverse", "linear", 14 * 60),
        ("rnn.weight_hh_l0_reverse", "linear", 14 * 100),
    ]
    assert {each.reason for each in network.uncounted} == {"bias"}
    projected = hwsim.from_torch(nn.LSTM(3, 5, proj_size=2), rand(7, 1, 3))
    assert [macs for *_, macs in facts(projected)] == [7 * 60, 7 * 40, 7 * 10]


def test_cells_are_called_a_step_at_a_time() -> None:
    def steps(m: Any, x: Any) -> Any:
        state = None
        for each in x:
            state = m.cell(each, state)
        return state

    network = hwsim.from_torch(Calls(steps, cell=nn.LSTMCell(3, 5)), rand(7, 1, 3))
    assert sorted(facts(network)) == [
        ("cell.weight_hh", "linear", 7 * 100),
        ("cell.weight_ih", "linear", 7 * 60),
    ]


def test_attention_is_counted_and_shown() -> None:
    attend = nn.MultiheadAttention(8, 2, batch_first=True)
    network = hwsim.from_torch(attend, (rand(1, 5, 8), rand(1, 7, 8), rand(1, 7, 8)))
    assert sum(layer.macs for layer in network.layers) == 5 * 64 + 2 * 7 * 64 + 2 * 280 + 5 * 64
    assert [layer.kind for layer in network.layers].count("product") == 2
    fused = Calls(lambda m, q, k: functional.scaled_dot_product_attention(q, k, k))
    assert facts(hwsim.from_torch(fused, (rand(1, 2, 5, 4), rand(1, 2, 7, 4)))) == [
        ("attention.qk", "product", 2 * 5 * 7 * 4),
        ("attention.av", "product", 2 * 5 * 7 * 4),
    ]


def test_the_fast_path_of_an_encoder_is_not_taken_and_comes_back() -> None:
    block = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    network = hwsim.from_torch(block, rand(1, 5, 8))
    assert [layer.name for layer in network.layers] == [
        "self_attn.in_proj",
        "self_attn.attention.qk",
        "self_attn.attention.av",
        "self_attn.out_proj",
        "linear1",
        "linear2",
    ]
    assert network.skipped == {"bias": 4, "norm": 4}
    assert torch.backends.mha.get_fastpath_enabled()
    assert block.training


def test_bilinear() -> None:
    module = Calls(lambda m, x, y: m.both(x, y), both=nn.Bilinear(2, 3, 4))
    network = hwsim.from_torch(module, (rand(5, 2), rand(5, 3)))
    assert facts(network) == [
        ("both", "linear", 5 * 4 * 2 * 3),
        ("both.product", "product", 5 * 4 * 2),
    ]


def test_functions_are_seen() -> None:
    w = nn.Parameter(rand(4, 3))
    for function, kind, macs in (
        (lambda m, x: functional.linear(x, m.w), "linear", 2 * 5 * 12),
        (lambda m, x: x @ m.w.T, "linear", 2 * 5 * 12),
        (lambda m, x: m.w @ x.mT, "linear", 2 * 5 * 12),
        (lambda m, x: torch.einsum("bti,ki->btk", x, m.w), "linear", 2 * 5 * 12),
        (lambda m, x: torch.mv(m.w, x[0, 0]), "linear", 12),
        (lambda m, x: torch.addmv(m.w[:, 0], m.w, x[0, 0]), "linear", 12),
        (lambda m, x: torch.bmm(x, x.mT), "product", 2 * 5 * 5 * 3),
        (lambda m, x: torch.baddbmm(x.new_zeros(1), x, x.mT), "product", 2 * 5 * 5 * 3),
        (lambda m, x: torch.dot(x[0, 0], x[0, 1]), "product", 3),
        (
            lambda m, x: functional.conv1d(x, x[0, :, :1].expand(5, 5).unsqueeze(2)),
            "product",
            2 * 25 * 3,
        ),
    ):
        layer = only(hwsim.from_torch(Calls(function, w=w), rand(2, 5, 3)))
        assert (layer.kind, layer.macs) == (kind, macs)
        assert kind == "product" or np.array_equal(layer.weight, w.detach().numpy())


def test_inference_mode_is_seen_too() -> None:
    @torch.inference_mode()
    def run(m: Any, x: Any) -> Any:
        return m.fc(x)

    assert facts(hwsim.from_torch(Calls(run, fc=nn.Linear(3, 4)), rand(2, 3))) == [
        ("fc", "linear", 24)
    ]


def test_a_matrix_for_each_of_a_batch() -> None:
    module = Calls(lambda m, x: torch.bmm(x, m.w), w=nn.Parameter(rand(2, 3, 4)))
    layer = only(hwsim.from_torch(module, rand(2, 5, 3)))
    assert (layer.kind, layer.groups, layer.macs) == ("conv", 2, 2 * 5 * 12)
    expanded = Calls(lambda m, x: torch.bmm(x, m.w.expand(2, 3, 4)), w=nn.Parameter(rand(3, 4)))
    assert only(hwsim.from_torch(expanded, rand(2, 5, 3))).kind == "linear"


def test_a_module_that_is_called_twice_counts_twice() -> None:
    module = Calls(lambda m, x: m.c(m.c(x)), c=nn.Conv1d(2, 2, 3, padding=1))
    layer = only(hwsim.from_torch(module, rand(1, 2, 9)))
    assert (layer.images, layer.macs) == (2, 2 * 12 * 9)
    shrinking = Calls(lambda m, x: m.c(m.c(x)), c=nn.Conv1d(2, 2, 3))
    assert facts(hwsim.from_torch(shrinking, rand(1, 2, 9))) == [
        ("c", "conv", 12 * 7),
        ("c#2", "conv", 12 * 5),
    ]


def test_weights_as_they_act() -> None:
    from torch.nn.utils import parametrizations, prune

    normed = parametrizations.weight_norm(nn.Linear(3, 4))
    with torch.no_grad():
        normed.parametrizations.weight.original0.mul_(2)
    module = nn.Sequential(normed, prune.random_unstructured(nn.Linear(4, 5), "weight", 0.5))
    first, second = hwsim.from_torch(module, rand(1, 3)).layers
    assert (first.name, second.name) == ("0", "1")
    assert np.allclose(first.weight, normed.weight.detach().numpy())
    assert np.count_nonzero(second.weight) == 10


def test_weights_that_are_made_of_weights_are_no_layers() -> None:
    def merged(m: Any, x: Any) -> Any:
        return functional.linear(x, m.fc.weight + m.b @ m.a)

    module = Calls(
        merged, fc=nn.Linear(3, 4), a=nn.Parameter(rand(2, 3)), b=nn.Parameter(rand(4, 2))
    )
    network = hwsim.from_torch(module, rand(1, 3))
    assert facts(network) == [("fc", "linear", 12)]
    assert np.allclose(network.layers[0].weight, (module.fc.weight + module.b @ module.a).detach())
    assert network.skipped == {"not reached": 1}  # the bias


def test_learned_inputs_are_inputs() -> None:
    module = Calls(lambda m, x: m.fc(m.query) @ x.mT, fc=nn.Linear(3, 3),
                   query=nn.Parameter(rand(6, 3)))  # fmt: skip
    network = hwsim.from_torch(module, rand(2, 3))
    assert facts(network) == [("fc", "linear", 54), ("matmul", "product", 36)]


def test_a_look_up_costs_nothing_and_a_tied_head_does() -> None:
    embed = nn.Embedding(10, 4)
    head = nn.Linear(4, 10, bias=False)
    module = Calls(lambda m, x: m.head(m.embed(x) + m.pos), embed=embed, head=head,
                   pos=nn.Parameter(rand(3, 4)))  # fmt: skip
    network = hwsim.from_torch(module, torch.arange(3)[None])
    assert facts(network) == [("head", "linear", 120)]
    assert {each.name: each.reason for each in network.uncounted} == {
        "pos": "positional table",
        "embed.weight": "look-up",
    }
    head.weight = embed.weight
    network = hwsim.from_torch(module, torch.arange(3)[None])
    assert facts(network) == [("head", "linear", 120)]
    assert network.skipped == {"positional table": 1}


def test_a_cache_that_the_input_filled_is_no_weight() -> None:
    def cached(m: Any, x: Any) -> Any:
        m.keys[:, :2] = x
        return x @ m.keys.mT

    module = Calls(cached)
    module.register_buffer("keys", torch.zeros(1, 5, 3))
    assert only(hwsim.from_torch(module, rand(1, 2, 3))).kind == "product"


def test_exported_programs() -> None:
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(18, 4))
    program = torch.export.export(module.eval(), (rand(1, 1, 5, 5),))
    assert facts(hwsim.from_torch(program)) == [("0", "conv", 162), ("3", "linear", 72)]


@pytest.mark.parametrize(
    ("name", "model"),
    [("resnet18", lambda: torch_models.ResNet((2, 2, 2, 2))),
     ("mobilenet_v2", torch_models.mobilenet_v2)],
)  # fmt: skip
def test_the_same_as_the_topologies(name: str, model: Any) -> None:
    def geometry(network: Network) -> dict[str, Any]:
        return {
            layer.name: (layer.kind, layer.weight.shape, layer.stride, layer.padding,
                         layer.padding_end, layer.groups, layer.input_size, layer.macs)
            for layer in network.layers
        }  # fmt: skip

    network = hwsim.from_torch(model(), rand(1, 3, 64, 64))
    assert geometry(network) == geometry(make_network(name, input_size=64))


def test_operations_that_nobody_knows_are_refused() -> None:
    module = Calls(lambda m, x: torch.ops.hwsim_test.odd(x, m.w), w=nn.Parameter(rand(3, 3)))
    library = torch.library.Library("hwsim_test", "DEF")
    library.define("odd(Tensor x, Tensor w) -> Tensor")
    library.impl("odd", lambda x, w: x @ w, "CPU")
    with pytest.raises(InputError) as caught:
        hwsim.from_torch(module, rand(3, 3), name="net")
    assert str(caught.value) == (
        "net: operator hwsim_test.odd has weights and is not known; write the operation with "
        "torch's own functions"
    )


def test_what_cannot_be_run_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"^Linear: cannot be run on the example input: RuntimeErr"
    ):
        hwsim.from_torch(nn.Linear(3, 4), rand(1, 5))
    with pytest.raises(InputError, match=r"expected a torch\.nn\.Module\. Got int"):
        hwsim.from_torch(3, rand(1))
    with pytest.raises(InputError, match=r"^ReLU: nothing of it multiplies with weights"):
        hwsim.from_torch(nn.ReLU(), rand(3))


def test_weights_that_are_no_numbers_are_refused() -> None:
    module = nn.Linear(2, 2)
    with torch.no_grad():
        module.weight[0, 0] = torch.inf
    with pytest.raises(InputError, match=r"^Linear: weights are not all finite numbers"):
        hwsim.from_torch(module, rand(1, 2))
    spectrum = Calls(lambda m, x: x.to(torch.cfloat) @ m.w, w=nn.Parameter(rand(2, 2) + 1j))
    with pytest.raises(InputError, match=r"^Calls: weights that are complex numbers are not read"):
        hwsim.from_torch(spectrum, rand(1, 2))


def test_wrapped_modules() -> None:
    def packed(m: Any, x: Any) -> Any:
        return m.rnn(nn.utils.rnn.pack_padded_sequence(x, torch.tensor([5, 2]), batch_first=True))

    network = hwsim.from_torch(Calls(packed, rnn=nn.LSTM(3, 4, batch_first=True)), rand(2, 5, 3))
    assert facts(network) == [
        ("rnn.weight_ih_l0", "linear", 7 * 48),
        ("rnn.weight_hh_l0", "linear", 7 * 64),
    ]
    scripted = torch.jit.script(nn.Sequential(nn.Conv2d(1, 2, 3)).eval())
    assert facts(hwsim.from_torch(scripted, rand(1, 1, 5, 5))) == [("0", "conv", 162)]
    fx = torch.fx.symbolic_trace(nn.Sequential(nn.Linear(3, 4), nn.Dropout()))
    assert facts(hwsim.from_torch(fx, rand(1, 3))) == [("0", "linear", 12)]
    assert fx.training


def test_zeros_are_measured_where_they_are_seen() -> None:
    x = torch.zeros(1, 2, 4, 4)
    x[0, 0, :2] = 3  # half of the first channel, nothing of the second
    conv = nn.Conv2d(2, 3, 2, padding="same")
    network = hwsim.from_torch(conv, x, measure=True)
    assert only(network).input_density == 0.25
    assert only(network).input_density_by_channel == (0.5, 0.0)
    assert network.notes[-1] == "zeros of the layers' inputs are measured on this input"
    assert only(hwsim.from_torch(conv, x)).input_density is None
    padded = nn.Sequential(nn.ZeroPad2d(2), nn.Conv2d(2, 3, 2))
    assert only(hwsim.from_torch(padded, x, measure=True)).input_density == 0.25
    time = only(hwsim.from_torch(nn.Conv3d(2, 1, (3, 1, 1), padding=(1, 0, 0)), x[:, :, None],
                                 measure=True))  # fmt: skip
    assert time.input_density_by_channel == (0.5,) * 3 + (0.0,) * 3
    up = only(hwsim.from_torch(nn.ConvTranspose2d(2, 1, 2), x, measure=True))
    assert up.input_density_by_channel == (0.5, 0.0)


def test_zeros_of_vectors_and_products() -> None:
    x = torch.tensor([[[1.0, 0, 0], [2, 3, 0]]])
    fc = only(hwsim.from_torch(nn.Linear(3, 2), x, measure=True))
    assert (fc.input_density, fc.input_density_by_channel) == (0.5, (1.0, 0.5, 0.0))
    left = Calls(lambda m, x: m.w @ x.mT, w=nn.Parameter(rand(4, 3)))
    assert only(hwsim.from_torch(left, x, measure=True)).input_density_by_channel == (1, 0.5, 0)
    both = torch.cat([x, torch.ones(1, 2, 3)])
    product = only(hwsim.from_torch(Calls(lambda m, x: torch.bmm(x, x.mT)), both, measure=True))
    assert product.input_density_by_channel == (1.0, 0.5, 0.0, 1.0, 1.0, 1.0)
    batch = Calls(lambda m, x: torch.bmm(x, m.w), w=nn.Parameter(rand(2, 3, 4)))
    grouped = only(hwsim.from_torch(batch, both, measure=True))
    assert grouped.input_density_by_channel == (1.0, 0.5, 0.0, 1.0, 1.0, 1.0)
    attend = Calls(lambda m, q: functional.scaled_dot_product_attention(q, q, q))
    scores, mixed = hwsim.from_torch(attend, both[None], measure=True).layers
    assert scores.input_density_by_channel == (1.0, 0.5, 0.0, 1.0, 1.0, 1.0)
    assert mixed.input_density is None
    lstm = hwsim.from_torch(nn.LSTM(3, 2, batch_first=True), x, measure=True)
    # Before the first of two steps the state is zero.
    assert [layer.input_density for layer in lstm.layers] == [0.5, 0.5]


def test_states_are_those_before_each_step() -> None:
    x = rand(4, 2, 3)
    lstm = nn.LSTM(3, 5, bidirectional=True)
    for parameter in lstm.parameters():
        parameter.data[10:12] = 0  # nothing enters two of five cells: their states stay 0
    network = hwsim.from_torch(lstm, x, masks=True)
    after = lstm(x)[0].detach().reshape(4, 2, 2, 5)
    none = torch.zeros(1, 2, 5)
    seen = {
        "weight_hh_l0": torch.cat([none, after[:-1, :, 0]]),
        "weight_hh_l0_reverse": torch.cat([after[1:, :, 1], none]),
    }
    for name, states in seen.items():
        (layer,) = (each for each in network.layers if each.name.endswith(name))
        assert layer.input_masks is not None
        assert (layer.input_masks[0] == (states != 0).reshape(8, 5).numpy()).all()
        assert int((states != 0).sum()) == 3 * 2 * 3
    gru = hwsim.from_torch(nn.GRU(3, 5), x, masks=True)
    assert gru.layers[1].input_density == 0.75


def test_masks_are_the_zeros_themselves() -> None:
    x = torch.relu(rand(2, 3, 5, 6))
    network = hwsim.from_torch(nn.Conv2d(3, 4, 3, padding=1), x, masks=True)
    conv = only(network)
    assert conv.input_density is not None
    assert np.array_equal(conv.input_masks, (x != 0).numpy()[None])
    assert network.notes[-1] == (
        "zeros of the layers' inputs are measured on this input, and kept where they are"
    )
    padded = nn.Sequential(nn.ZeroPad2d(2), nn.Conv2d(3, 4, 3))
    assert np.array_equal(
        only(hwsim.from_torch(padded, x, masks=True)).input_masks, conv.input_masks
    )
    assert only(hwsim.from_torch(nn.Conv2d(3, 4, 3), x, measure=True)).input_masks is None
    line = only(hwsim.from_torch(nn.Conv1d(3, 4, 3), x[:, :, 0], masks=True))
    assert np.array_equal(line.input_masks[0, :, :, 0], (x[:, :, 0] != 0).numpy())
    up = only(hwsim.from_torch(nn.ConvTranspose2d(3, 1, 2), x, masks=True))
    assert np.array_equal(up.input_masks, conv.input_masks)
    time = only(
        hwsim.from_torch(
            nn.Conv3d(3, 1, (2, 1, 1)), x.unsqueeze(2).repeat(1, 1, 2, 1, 1), masks=True
        )
    )
    assert (time.input_density is None, time.input_masks) == (False, None)
    rows = torch.relu(rand(2, 7, 3))
    fc = only(hwsim.from_torch(nn.Linear(3, 2), rows, masks=True))
    assert np.array_equal(fc.input_masks, (rows != 0).numpy().reshape(1, 14, 3))
    product = only(hwsim.from_torch(Calls(lambda m, x: torch.bmm(x, x.mT)), rows, masks=True))
    assert np.array_equal(product.input_masks[0, :, 3:], (rows[1] != 0).numpy())
    result = hwsim.run(network, "sigma", ["dense"], activations="measured", energy="physical")
    assert result.manifest["activation_masks"] == {conv.name: 1}


def test_arguments_by_name_and_hooks_are_gone() -> None:
    module = nn.Bilinear(2, 3, 4)
    network = hwsim.from_torch(module, {"input1": rand(1, 2), "input2": rand(1, 3)}, name="both")
    assert network.name == "both"
    assert network.notes == ("shapes are for input 1x2, 1x3",)
    assert not module._forward_hooks
    assert not module._forward_pre_hooks
