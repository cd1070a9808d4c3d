"""Which of several networks in a file is read, and the words where it is not known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks.arrays.copies import chosen

PATH = Path("w.pt")
W = np.ones((2, 2))


def _names(*names: str, key: str | None = None) -> list[str]:
    return list(chosen(PATH, dict.fromkeys(names, W), key)[0])


def _message(*names: str, key: str | None = None) -> str:
    with pytest.raises(InputError) as caught:
        _names(*names, key=key)
    return str(caught.value).removeprefix("w.pt: ")


def test_a_key_that_is_none_lists_the_outermost_or_the_closest() -> None:
    names = ("model/ema/a.weight", "other/b.weight")
    assert _message(*names, key="zzz") == "key 'zzz': nothing is under it; known: model, other"
    assert _message(*names, key="modle/ema") == (
        "key 'modle/ema': nothing is under it; did you mean 'model/ema'?"
    )
    assert _message(*names, key="") == "key '': nothing is under it; known: model, other"


def test_a_key_at_the_start_comes_before_one_inside() -> None:
    assert _names("ema/a.weight", "x/ema/b.weight", key="ema") == ["a.weight"]
    assert _names("x/ema/b.weight", "x/c.weight", key="ema/") == ["b.weight"]


def test_three_places_of_a_key_are_named() -> None:
    names = [f"{outer}/ema/a.weight" for outer in "dcba"]
    assert _message(*names, key="ema") == (
        "key 'ema': stands in several places (a.ema, b.ema, c.ema); give one whole"
    )


@pytest.mark.parametrize(
    "nest",
    [
        "state_dict/",
        "model/",
        "model_state_dict/",
        "params/",
        "state_dict/module.",
        "a/net/",
        "ema.",
    ],
)
def test_a_nest_alone_is_taken_from_the_names(nest: str) -> None:
    assert _names(f"{nest}a.weight", f"{nest}b.c.weight") == ["a.weight", "b.c.weight"]


def test_modules_are_no_nests() -> None:
    for names in (["dense/kernel", "out/kernel"], ["dense/kernel"], ["model.a.weight"]):
        assert _names(*names) == names


@pytest.mark.parametrize(
    "copy",
    [
        *("ema", "model_ema", "ema_model", "params_ema", "teacher", "student", "swa_model"),
        *("shadow_params", "target_net", "momentum_encoder", "encoder_k", "netD", "discriminator"),
        *("g_ema", "averaged_model", "online_network", "critic"),
    ],
)
def test_names_of_copies(copy: str) -> None:
    assert _message("a.weight", f"{copy}.b.weight") == (
        f"holds several networks or copies of one: {copy} (1 arrays) and 1 arrays beside; choose "
        f"with --key {copy}, or leave out with --skip '*{copy}.*' (--key '*' counts all)"
    )
    assert f"x.{copy} (1 arrays)" in _message("a.weight", f"x.{copy}.b.weight")
    assert _names("a.weight", f"x.y.{copy}.b.weight") == ["a.weight", f"x.y.{copy}.b.weight"]


@pytest.mark.parametrize("name", ["schema", "theta", "phi", "g", "d", "target_layer", "generic"])
def test_names_that_are_no_copies(name: str) -> None:
    assert _names("a.weight", f"{name}.b.weight") == ["a.weight", f"{name}.b.weight"]


def test_arrays_beside_are_accounted_for() -> None:
    arrays = {"state_dict/a.weight": W, "step": np.array(3), "best/loss": np.ones(4)}
    kept, others = chosen(PATH, arrays, None)
    assert list(kept) == ["a.weight"]
    assert [(each.name, each.reason) for each in others] == [
        ("step", "vector"),
        ("best/loss", "vector"),
    ]
    kept, others = chosen(PATH, {**arrays, "optim/state/0/exp_avg": W}, "state_dict")
    assert [(each.name, each.reason) for each in others] == [
        ("step", "outside the key"),
        ("best/loss", "outside the key"),
        ("optim/state/0/exp_avg", "optimiser state"),
    ]
