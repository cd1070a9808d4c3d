from __future__ import annotations

import re
from pathlib import Path

import pytest

import hwsim
from hwsim.activity import Activity
from hwsim.energy import EnergyTable, load_energy_table, price
from hwsim.errors import InputError

pytestmark = pytest.mark.outside

ERT = """\
ERT:
  version: {version}
  tables:
  - name: chip.Tree.ADDER[0..2]
    actions:
    - name: add
      arguments: {{}}
      energy: 2
    - name: leak
      arguments: {{}}
      energy: 0.5
  - name: chip.Memory.BUFFER
    actions:
    - name: read
      arguments: {{address_delta: 0, data_delta: 1}}
      energy: 4
    - name: read
      arguments: {{address_delta: 1, data_delta: 1}}
      energy: 7.5
"""
ART = """\
ART:
  version: {version}
  tables:
  - name: chip.Tree.ADDER[0..2]
    area: 100
"""
ACTIVITY = Activity(
    engine="toy",
    cycles=10,
    counts={("Tree", "ADDER", "ADD"): 7, ("Memory", "BUFFER", "READ"): 2},
    instances={("Tree", "ADDER"): 3, ("Memory", "BUFFER"): 1},
    macs=7,
    effectual_macs=7,
    utilization=1.0,
)


def write(folder: Path, version: str = "0.4", ert: str = ERT, art: str | None = ART) -> Path:
    path = folder / "mine.ERT.yaml"
    path.write_text(ert.format(version=version))
    if art is not None:
        (folder / "mine.ART.yaml").write_text(art.format(version=version))
    return path


@pytest.mark.parametrize("version", ["0.3", "'0.3'", "0.4", "'0.4'"])
def test_both_versions_price_any_engine(tmp_path: Path, version: str) -> None:
    table = load_energy_table(write(tmp_path, version))
    assert isinstance(table, EnergyTable)
    assert table.unit == "pJ"
    breakdown = price(ACTIVITY, table)
    # 7 additions of 2, 30 instance-cycles of 0.5, 2 reads of the dearest kind
    assert breakdown.total == 14 + 15 + 15
    assert breakdown.area == 300
    assert breakdown.area_unit == "um2"


def test_without_an_art_the_area_is_not_known(tmp_path: Path) -> None:
    breakdown = price(ACTIVITY, load_energy_table(write(tmp_path, art=None)))
    assert breakdown.area is None
    assert breakdown.total == 44


def test_figures_name_their_files(tmp_path: Path) -> None:
    table = load_energy_table(write(tmp_path))
    assert isinstance(table, EnergyTable)
    figure = table.components["Tree.ADDER"].actions["add"]
    assert figure.source == "Accelergy ERT mine.ERT.yaml and mine.ART.yaml"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "version: {version}",
            "version: 0.2",
            ", line 2: ERT.version: expected 0.3 or 0.4. Got 0.2",
        ),
        (
            "      energy: 2\n",
            "      energy: -2\n",
            ", line 8: ERT.tables.0.actions.0.energy: should be greater than or equal to 0. Got -2",
        ),
        (
            "      energy: 2\n",
            "",
            ", line 6: ERT.tables.0.actions.0.energy: missing; this key is required",
        ),
        (
            "      energy: 2\n",
            "      energy: .nan\n",
            ", line 8: ERT.tables.0.actions.0.energy: should be a finite number. Got nan",
        ),
        ("  version: {version}\n", "", ", line 1: ERT.version: missing; this key is required"),
    ],
)
def test_a_bad_table_gets_one_line_with_file_line_and_key(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in ERT
    path = write(tmp_path, ert=ERT.replace(before, after))
    with pytest.raises(InputError, match=f"^{re.escape(str(path) + message)}$"):
        load_energy_table(path)


def test_an_art_alone_is_no_energy_table(tmp_path: Path) -> None:
    path = tmp_path / "ART.yaml"
    path.write_text(ART.format(version="0.4"))
    message = f"{path}: ERT: missing; expected an energy reference table"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        load_energy_table(path)


def test_a_bad_art_is_told_by_its_own_name(tmp_path: Path) -> None:
    path = write(tmp_path, art=ART.replace("100", "-1"))
    message = (
        f"{path.with_name('mine.ART.yaml')}, line 5: ART.tables.0.area: should be greater than or "
        "equal to 0. Got -1"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        load_energy_table(path)


def test_a_component_of_the_engine_that_is_not_in_the_table(tmp_path: Path) -> None:
    table = load_energy_table(write(tmp_path))
    activity = hwsim.simulate_gemm([[True] * 9], 4).activity
    with pytest.raises(InputError) as refusal:
        price(activity, table)
    assert str(refusal.value) == (
        f"{table.path}: no prices for component 'DN_WIRE' in DSNetwork; known: "
        "Memory.BUFFER, Tree.ADDER"
    )


@pytest.mark.parametrize("area", [7.0, -7.0])
def test_areas_in_the_same_file(tmp_path, area):
    file = tmp_path / "tables.yaml"
    read = "{name: read, energy: 1.0}"
    file.write_text(
        f"ERT: {{version: 0.4, tables: [{{name: c.M, actions: [{read}]}}]}}\n"
        f"ART: {{version: 0.4, tables: [{{name: c.M, area: {area}}}]}}\n"
    )
    if area > 0:
        assert load_energy_table(file).components["c.M"].area.value == area
        return
    with pytest.raises(InputError, match=r"ART\.tables\.0\.area: should be greater than or equal"):
        load_energy_table(file)
