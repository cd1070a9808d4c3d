"""What was not counted: by reason, in one line, and kept wherever a network goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks import Layer, Network, load_network, save_network
from hwsim.networks.uncounted import REASONS, Uncounted, by_reason, described, in_one_line

SEVERAL = (
    Uncounted("a.bias", (4,), "bias"),
    Uncounted("embed.weight", (9, 4), "look-up"),
    Uncounted("b.bias", (4,), "bias"),
    Uncounted("conv", (2, 4, 4), "operator that was not taken", macs=1234),
)


def test_reasons_are_counted_in_one_order() -> None:
    assert list(by_reason(SEVERAL).items()) == [
        ("bias", 2),
        ("look-up", 1),
        ("operator that was not taken", 1),
    ]


def test_one_line_names_what_a_reader_may_want_back() -> None:
    assert in_one_line(SEVERAL) == (
        "2 bias, 1 look-up (embed.weight), 1 operator that was not taken (conv: 1,234 MACs)"
    )
    assert in_one_line(()) == "nothing"
    skipped = [Uncounted(name, (1,), "skipped by the user") for name in "abc"]
    assert in_one_line(skipped[:2]) == "2 skipped by the user (a, b)"
    assert in_one_line(skipped) == "3 skipped by the user (a, b, ...)"


def test_a_reason_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match=r"^x: no reason 'biass'; did you mean 'bias'\?$"):
        Uncounted("x", (1,), "biass")  # type: ignore[arg-type]
    assert all(reason.islower() for reason in REASONS)


def _network() -> Network:
    layer = Layer("fc", "linear", np.ones((2, 3), np.float32))
    return Network("net", (layer,), uncounted=SEVERAL, ordered=False)


def test_it_travels_as_bytes_and_in_a_file(tmp_path: Path) -> None:
    network = _network()
    assert Network.from_bytes(network.to_bytes()) == network
    save_network(network, tmp_path / "w.npz")
    found = load_network(tmp_path / "w.npz")
    assert (found.uncounted, found.ordered) == (SEVERAL, False)
    save_network(replace(network, uncounted=(), ordered=True), tmp_path / "w.npz")
    found = load_network(tmp_path / "w.npz")
    assert (found.uncounted, found.ordered) == ((), True)
    with np.load(tmp_path / "w.npz") as arrays:
        assert b"uncounted" not in arrays["__hwsim__"].tobytes()


def test_it_is_described_for_json() -> None:
    assert described(SEVERAL[-1:]) == [
        {
            "name": "conv",
            "shape": [2, 4, 4],
            "reason": "operator that was not taken",
            "macs": 1234,
        }
    ]
