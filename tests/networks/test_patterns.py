"""Layers by name patterns, and without some."""

from __future__ import annotations

import pytest

from hwsim.errors import InputError
from hwsim.networks.network import Layer, Network
from hwsim.networks.patterns import matching_layers

NAMES = ("stem", "blocks.0.attn.q", "blocks.0.attn.k", "blocks.0.mlp", "blocks.1.mlp", "head")
NETWORK = Network("net", tuple(Layer.product(name, 1, 1, vectors=1) for name in NAMES))


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        ("blocks.0.*", (1, 2, 3)),
        ("head,stem", (0, 5)),
        (["*.mlp", " *.q "], (1, 3, 4)),
        ("!*.attn.*", (0, 3, 4, 5)),
        ("!*.attn.*,!head", (0, 3, 4)),
        ("blocks.0.*,!*.q", (2, 3)),
        (["!*.q", "blocks.0.*", "head"], (2, 3, 5)),
    ],
)
def test_chosen_in_the_networks_order(patterns: str | list[str], chosen: tuple[int, ...]) -> None:
    assert matching_layers(NETWORK, patterns) == [NAMES[place] for place in chosen]


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ("heads", "no layer of net matches 'heads'; did you mean 'head'?"),
        ("head,!heads", "no layer of net matches 'heads'; did you mean 'head'?"),
        ("!*", "no layer of net is left by '!*'"),
        ("head,!h*", "no layer of net is left by 'head,!h*'"),
    ],
)
def test_what_matches_nothing_is_refused(patterns: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        matching_layers(NETWORK, patterns)
    assert str(caught.value) == message
