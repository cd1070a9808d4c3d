"""A saved run that somebody edited or damaged ends in one line, not in a traceback."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hwsim
import hwsim.studies.result
from hwsim.errors import InputError
from hwsim.reports.run_report import run_report
from hwsim.studies import load_run
from hwsim.studies.sensitivity import sensitivity
from tests.studies.networks import tiny_network

#: The structure of sigma.
OWN = "controller=reads-all, tree_width=grows, tree_registers=queues"


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    run = hwsim.run(tiny_network(), energy="stonne,physical", overrides={"num_ms": 32})
    folder = tmp_path_factory.mktemp("run")
    run.save(folder)
    run.table.to_csv(folder / "results.csv", index=False)
    run.structures.to_csv(folder / "structures.csv", index=False)
    for name in ("results", "structures"):
        (folder / f"{name}.parquet").unlink(missing_ok=True)
    return folder


def _edited(saved: Path, folder: Path, name: str, text: str) -> Path:
    for file in saved.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / name).write_text(text)
    return folder


def _error(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_run(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(folder), "RUN")


def _set(document, path, value):
    document = copy.deepcopy(document)
    *above, last = path
    place = document
    for key in above:
        place = place[key]
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    return document


@pytest.mark.parametrize("text", ["[]", "null", "3", '"x"'])
def test_a_manifest_that_is_no_object(saved, tmp_path, text) -> None:
    assert _error(_edited(saved, tmp_path, "manifest.json", text)) == (
        "RUN/manifest.json: not what a run saves: should be a JSON object"
    )


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["schemes"], KeyError, "schemes: it is required"),
        (["schemes"], [], "schemes: List should have at least 1 item after validation, not 0"),
        (["schemes", 0], 3, "schemes.0: should be a JSON object"),
        (["schemes", 0, "label"], None, "schemes.0.label: should be a valid string"),
        (["schemes", 1, "parameters", "p"], -0.5, "schemes.1: parameters.p should be 0 or more"),
        (["arch"], [], "arch: should be a JSON object"),
        (["arch", "parameters", "num_ms", "value"], "x", "should be a valid integer"),
        (["arch", "options"], 3, "arch.options: should be a valid dictionary"),
        (["arch", "technology"], None, "arch.technology: missing, though an energy table used it"),
        (["arch", "technology", "clock"], 3, "arch.technology.clock"),
        (["arch", "options"], None, "arch.options"),
        (["arch", "technology", "clock"], "fast", "arch.technology.clock: should be a positive"),
        (["network", "notes"], "x", "network.notes: should be a valid list"),
        (["energy_tables", 0, "table"], KeyError, "energy_tables.0.table: it is required"),
        (["energy", "area"], "big", "energy.area: should be a valid number"),
    ],
)
def test_a_manifest_with_something_else_in_it(saved, tmp_path, path, value, message) -> None:
    manifest = _set(json.loads((saved / "manifest.json").read_text()), path, value)
    error = _error(_edited(saved, tmp_path, "manifest.json", json.dumps(manifest)))
    assert error.startswith("RUN/manifest.json: not what a run saves: ")
    assert message in error


@pytest.mark.parametrize(
    ("name", "edit", "message"),
    [
        (
            "summary.csv",
            lambda table: table.drop(columns="energy"),
            "the layer table has no column 'energy'",
        ),
        ("results.csv", lambda table: table.iloc[:0], "the long table has no rows"),
        (
            "summary.csv",
            lambda table: table.assign(unused_reads=-1.0),
            "column 'unused_reads' of the layer table holds no figures of 0 or more",
        ),
        (
            "summary.csv",
            lambda table: table.assign(cycles="many"),
            "column 'cycles' of the layer table holds what is no number",
        ),
        (
            "summary.csv",
            lambda table: table.assign(energy=float("inf")),
            "column 'energy' of the layer table holds no figures of 0 or more",
        ),
        (
            "results.csv",
            lambda table: table.assign(energy=-1.0),
            "column 'energy' of the long table holds no figures of 0 or more",
        ),
        (
            "summary.csv",
            lambda table: table[table["scheme"] != "binary"],
            "the layer table has the schemes dense, signed-binary; the manifest has binary, dense, "
            "signed-binary",
        ),
        (
            "results.csv",
            lambda table: table[table["energy_table"] == "stonne"],
            "the long table has the energy_tables stonne; the manifest has physical, stonne",
        ),
        (
            "summary.csv",
            lambda table: pd.concat([table, table]),
            "the layer table has not one row for each energy table, scheme and layer",
        ),
        (
            "summary.csv",
            lambda table: table.iloc[1:],
            "the layer table has not one row for each energy table, scheme and layer",
        ),
        (
            "structures.csv",
            lambda table: table.drop(columns="entry"),
            "the table of structures has no column 'entry'",
        ),
        ("structures.csv", lambda table: table.iloc[:0], "the table of structures has no rows"),
        (
            "structures.csv",
            lambda table: table.assign(low=-1.0),
            "column 'low' of the table of structures holds no figures of 0 or more",
        ),
        (
            "structures.csv",
            lambda table: table[(table["layer"] != "fc") | (table["structure"] == OWN)],
            "the table of structures has not the layers and schemes of the long table for energy "
            "table 'physical', structure 'controller=reads-all, tree_width=grows, "
            "tree_registers=level'",
        ),
        (
            "structures.csv",
            lambda table: table.assign(energy_table="ours"),
            "the table of structures has not the layers and schemes of the long table for energy "
            f"table 'ours', structure '{OWN}'",
        ),
        (
            "structures.csv",
            lambda table: table[table["structure"] != OWN],
            "the table of structures starts with other energies than the long table's for energy "
            "table 'physical'",
        ),
    ],
)
def test_tables_with_something_else_in_them(saved, tmp_path, name, edit, message) -> None:
    table = edit(pd.read_csv(saved / name, keep_default_na=False))
    error = _error(_edited(saved, tmp_path, name, table.to_csv(index=False)))
    assert error == f"RUN: not what a run saves: {message}"


@pytest.mark.parametrize(
    "name", ["results.csv", "summary.csv", "quantization.csv", "structures.csv"]
)
@pytest.mark.parametrize("text", ["", "\0", '"', "a,b\n1,2,3,4,5\n"])
def test_tables_that_are_none(saved, tmp_path, name, text) -> None:
    folder = _edited(saved, tmp_path, name, text)
    assert _error(folder).startswith("RUN")


def test_a_run_of_an_older_hwsim_has_no_reads(saved, tmp_path) -> None:
    layers = pd.read_csv(saved / "summary.csv").drop(columns=["activation_reads", "unused_reads"])
    run = load_run(_edited(saved, tmp_path, "summary.csv", layers.to_csv(index=False)))
    assert "unused_share" not in run.totals
    assert run_report(run) is not None


def test_a_layer_may_be_called_as_a_number(tmp_path) -> None:
    network = tiny_network()
    layers = tuple(replace(layer, name=str(n)) for n, layer in enumerate(network.layers))
    run = hwsim.run(replace(network, layers=layers), schemes=["dense"], overrides={"num_ms": 32})
    run.save(tmp_path)
    run.table.to_csv(tmp_path / "results.csv", index=False)
    (tmp_path / "results.parquet").unlink(missing_ok=True)
    assert list(load_run(tmp_path).layers["layer"]) == list(run.layers["layer"])


def _paths(value, above=()):
    yield above

    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _paths(each, (*above, key))


JUNK = st.sampled_from([KeyError, None, [], {}, 3, -1.5, "x", True, [1], {"a": 1}])


@settings(
    max_examples=12,  # each a report of everything: a fifth of a second
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_edit_of_the_manifest_ends_in_a_report_or_one_line(saved, tmp_path, data) -> None:
    manifest = json.loads((saved / "manifest.json").read_text())
    paths = [path for path in _paths(manifest) if path]
    path = data.draw(st.sampled_from(paths))
    edited = _set(manifest, path, data.draw(JUNK))
    folder = _edited(saved, tmp_path, "manifest.json", json.dumps(edited))
    message = ""
    try:
        run = load_run(folder)
        run.to_dict()
        sensitivity(run)
        run_report(run)
    except InputError as error:
        message = str(error)
    assert "\n" not in message
