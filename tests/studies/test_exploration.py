"""Searches of studies: what is proposed, what is kept, what is best."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hwsim.errors import InputError
from hwsim.networks import save_network
from hwsim.studies.exploration import explore
from hwsim.studies.proposals import Proposals
from hwsim.studies.study_file import Point, Study, study_of
from hwsim.studies.study_run import forecast
from tests.studies.networks import tiny_network


def study(tmp_path: Path, **others: Any) -> Study:
    path = tmp_path / "tiny.npz"
    if not path.exists():
        save_network(tiny_network(), path)
    return study_of(
        {
            "study": "tiny",
            "model": str(path),
            "scheme": ["dense", "pruned"],
            "sparsity": [0.25, 0.5, 0.75],
            "set": {"num_ms": [8, 16, 32], "dn_bw": [2, 4, 8]},
            "layers": ["stem", "fc"],
            "quantize_layers": "all",
            **others,
        }
    )


def test_a_study_within_the_budget_is_evaluated_whole(tmp_path: Path) -> None:
    found = explore(study(tmp_path), "cycles,area", 36)
    assert found.whole
    assert len(found.table) == 36
    best = found.table["cycles"].min()
    assert found.front["cycles"].iloc[0] == best
    assert found.front["area"].iloc[-1] == found.table["area"].min()
    assert (found.front["area"].diff().dropna() <= 0).all()


def test_a_product_is_an_objective(tmp_path: Path) -> None:
    found = explore(study(tmp_path), "edp", 36)
    assert (found.table["edp"] == found.table["energy"] * found.table["cycles"]).all()
    assert found.front["edp"].tolist() == [found.table["edp"].min()]


def test_a_search_is_repeated_exactly_and_nothing_is_done_again(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    asked, store = study(tmp_path), tmp_path / "x.db"
    first = explore(asked, ["energy", "cycles"], 12, seed=1, store=store)
    assert len(first.table) == 12
    assert not first.whole
    again = explore(asked, ["energy", "cycles"], 12, seed=1, store=store)
    assert again.table.equals(first.table)
    more = explore(asked, ["energy", "cycles"], 20, seed=1, store=store)
    assert len(more.table) == 20
    coming = forecast(asked, store)
    assert coming.known >= coming.tasks / 2


def test_what_the_study_says_holds(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    asked = study(tmp_path, explore={"objectives": ["area"], "budget": 3, "sampler": "random"})
    found = explore(asked)
    assert found.objectives == ("area",)
    assert len(found.table) == 3
    assert len(explore(asked, budget=4).table) == 4


def test_words_that_are_wrong(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="objective 'enrgy'; did you mean 'energy'"):
        explore(study(tmp_path), "enrgy")
    with pytest.raises(InputError, match="sampler 'nsga3'; did you mean 'nsga2'"):
        explore(study(tmp_path), sampler="nsga3")


@pytest.mark.parametrize("sampler", ["nsga2", "tpe", "random"])
def test_every_point_is_proposed_once(tmp_path: Path, sampler: str) -> None:
    pytest.importorskip("optuna")
    # Half of what the axes multiply to is left out.
    asked = study(tmp_path, exclude=[{"num_ms": 8}, {"dn_bw": 8}])
    assert len(asked.points) == 16
    seen: list[int] = []

    def values(points: Sequence[Point]) -> list[tuple[float, ...]]:
        return [(float(point.number), float("nan")) for point in points]

    for batch in Proposals(asked.points, 2, sampler, 0).batches(100, 5, values):
        assert len(batch) <= 5
        seen += [point.number for point in batch]
    assert sorted(seen) == list(range(16))


def test_a_search_finds_what_is_best(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    asked = study(tmp_path, set={"num_ms": [16, 32, 64, 128, 256], "dn_bw": [1, 2, 4, 8, 16]})
    assert len(asked.points) == 100

    def values(points: Sequence[Point]) -> list[tuple[float, ...]]:
        return [
            (abs(each.coordinates["num_ms"] - 32) + abs(each.coordinates["dn_bw"] - 4),)
            for each in points
        ]

    found = []
    for batch in Proposals(asked.points, 1, "nsga2", 0).batches(70, 8, values):
        found += [each.coordinates for each in batch]
    assert len(found) == 70
    assert min(each["num_ms"] for each in found if each["dn_bw"] == 4) <= 32
