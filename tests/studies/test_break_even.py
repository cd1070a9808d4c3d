"""From which sparsity on a machine pays off."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from hwsim.errors import InputError
from hwsim.reports.figures.study_figures import study_figures, write_study_figures
from hwsim.studies.break_even import ALWAYS, CROSSES, NEVER, break_even, crossing
from hwsim.studies.study_result import StudyResult
from hwsim.studies.study_store import StudyEntry

AXES = ("model", "arch", "scheme", "sparsity", "seed")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([4, 3, 1, 1], (CROSSES, 0.25 + 0.25 * 0.5)),
        ([1, 3, 2, 1], (CROSSES, 0.5)),  # where it stays
        ([2, 1, 1, 0], (ALWAYS, 0.0)),
        ([4, 3, 1, 3], (NEVER, math.nan)),
        ([4, math.nan, 1, 1], (NEVER, math.nan)),
    ],
)
def test_crossing(values: list[float], expected: tuple[str, float]) -> None:
    found = crossing([0.0, 0.25, 0.5, 0.75], values, 2.0)
    assert found[0] == expected[0]
    assert found[1] == pytest.approx(expected[1], nan_ok=True)


def test_no_bound_no_crossing() -> None:
    assert crossing([0.0], [1.0], math.nan)[0] == NEVER


def point(arch: str, sparsity: float | None, energy: float, dense: float, seed: int | None = None):
    return {
        "model": "m",
        "arch": arch,
        "scheme": "dense" if sparsity is None else "pruned",
        "sparsity": sparsity,
        "seed": seed,
        "energy_table": "physical",
        "energy": energy,
        "cycles": energy * 10,
        "energy_unit": "pJ",
        "area": 1e6,
        "area_unit": "um2",
        "energy_ratio": dense / energy,
        "cycles_ratio": dense / energy,
    }


def result() -> StudyResult:
    points = pd.DataFrame(
        [
            point("plain", None, 6.0, 6.0),
            point("plain", 0.5, 6.0, 6.0),
            point("sparse", None, 10.0, 10.0),
            point("sparse", 0.0, 10.0, 10.0, 0),
            point("sparse", 0.0, 12.0, 10.0, 1),
            point("sparse", 0.5, 5.0, 10.0, 0),
            point("sparse", 0.5, 3.0, 10.0, 1),
        ]
    )
    layers = points.assign(layer="conv", state="done", error=None, point=range(len(points)))
    entry = StudyEntry("by hand", "then", "now", 7, 7, 7, 0, {}, {})
    return StudyResult(entry, layers, points, AXES)


def test_itself_or_another_machine() -> None:
    own = break_even(result()).set_index(["arch", "measure"])
    assert own.loc[("plain", "energy"), ["pays_off", "sparsity"]].tolist() == [ALWAYS, 0.5]
    # The seeds average to 11 and 4; the baseline needs 10.
    assert own.loc[("sparse", "energy"), "sparsity"] == pytest.approx(0.5 * 1 / 7)
    assert own.loc[("sparse", "cycles"), "sparsity"] == pytest.approx(0.5 * 1 / 7)
    other = break_even(result(), "plain").set_index(["arch", "measure"])
    assert other.loc[("sparse", "energy"), "pays_off"] == CROSSES
    assert other.loc[("sparse", "energy"), "sparsity"] == pytest.approx(0.5 * 5 / 7)
    assert set(other["reference"]) == {"plain"}


def test_words_that_are_wrong() -> None:
    with pytest.raises(InputError, match=r"reference 'plan' is no machine.*did you mean 'plain'"):
        break_even(result(), "plan")
    whole = result()
    flat = replace(whole, points=whole.points[whole.points["sparsity"].isna()])
    with pytest.raises(InputError, match="has no sparsity axis"):
        break_even(flat)
    assert set(study_figures(flat)) == {"pareto"}
    nothing = replace(whole, points=whole.points.assign(energy=math.nan))
    with pytest.raises(InputError, match="no point is done yet"):
        study_figures(nothing)


def test_figures_stand_beside_their_tables(tmp_path: Path) -> None:
    written = write_study_figures(result(), tmp_path, ["svg"], "plain")
    names = {"pareto", "sweep", "by_layer", "break_even"}
    assert {each.name for each in written} == {
        f"{n}.{end}" for n in names for end in ("svg", "csv")
    }
    front = pd.read_csv(tmp_path / "pareto.csv")
    assert front[front["front"]]["energy"].tolist() == [3.0]
    sweep = pd.read_csv(tmp_path / "sweep.csv")
    sparse = sweep[sweep["curve"] == "sparse, pruned"]
    assert sparse["energy_mean"].tolist() == [11.0, 4.0]
    assert sparse["energy_max"].tolist() == [12.0, 5.0]
    text = (tmp_path / "sweep.svg").read_text()
    assert text.startswith("<?xml")
