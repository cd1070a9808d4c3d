"""A run in a store: a study whose points are its schemes, and in the end all that it found."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from hwsim.energy import EnergyModel
from hwsim.studies._saved_run import check_manifest, check_structures, check_tables
from hwsim.studies.columns import Coded, Column, Columns
from hwsim.studies.evaluation import Evaluation
from hwsim.studies.result import RunResult
from hwsim.studies.store.faults import damage_of
from hwsim.studies.store.schema import WITH_PARTS
from hwsim.studies.store.store import Store
from hwsim.studies.study_provenance import provenance
from hwsim.studies.study_store import StoredPoint, keep_study

_TABLES: Final = ("actions", "layers", "quantization")


def keep_run(
    store: Store, evaluation: Evaluation, prices: Sequence[EnergyModel], baseline: str | None
) -> str:
    """Write down what a run asks for, before anything is evaluated.

    Parameters
    ----------
    store : Store
        Where.
    evaluation : Evaluation
        A cell for each scheme.
    prices : sequence of EnergyModel
        What will price it; a run prices its result itself, and :func:`keep_result` keeps that.
    baseline : str or None
        The scheme that ratios are relative to.

    Returns
    -------
    str
        The name of the study that it is.
    """
    cells = evaluation.cells
    schemes = [cell.scheme for cell in cells]
    network = cells[0].plan.network
    own = cells[schemes.index(baseline) if baseline in schemes else 0].machine.arch
    reference = schemes.index(baseline) if baseline in schemes else None
    points = [
        StoredPoint(
            coordinates={"model": network.name, "arch": cell.machine.arch.label, "scheme": scheme},
            baseline=reference,
            prices=(),
            layers=[(task.where.layer, task.key) for task in evaluation.keys_of(number)],
        )
        for number, (scheme, cell) in enumerate(zip(schemes, cells, strict=True))
    ]
    spec = {"model": network.path, "arch": own.label, "scheme": schemes}
    name = f"run of {network.name} on {own.label}"
    keep_study(store, name, spec, points, provenance(cells, prices, None))
    return name


def keep_result(store: Store, name: str, result: RunResult) -> None:
    """Keep all that a run found, as its folder would.

    Parameters
    ----------
    store : Store
        Where.
    name : str
        From :func:`keep_run`.
    result : RunResult
        The run.
    """
    sums = result.sums
    document = {
        "manifest": result.manifest,
        **{name: _plain(getattr(sums, name)) for name in _TABLES},
        "structures": None if sums.structures is None else _plain(sums.structures.table),
    }
    packed = zlib.compress(json.dumps(document).encode())
    with store.writing() as base:
        base.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", (name, packed))


def stored_result(store: Store, name: str) -> RunResult | None:
    """Read all that a run found.

    Parameters
    ----------
    store : Store
        Where.
    name : str
        Of a study.

    Returns
    -------
    RunResult or None
        None of what is no run, has not ended, or was kept by an older hwsim.

    Raises
    ------
    InputError
        If the store is damaged.
    """
    if store.format < WITH_PARTS:
        return None
    rows = store.query("SELECT document FROM runs WHERE study = ?", (name,))
    if not rows:
        return None
    with damage_of(store.path):
        document = json.loads(zlib.decompress(rows[0][0]))
        table, layers, quantization = (_columns(document[name]) for name in _TABLES)
        ways = document["structures"]
        structures = None if ways is None else _columns(ways)
        manifest = document["manifest"]
        check_manifest(manifest)
        check_tables(table.frame(), layers.frame(), quantization.frame(), manifest)
        if structures is not None:
            check_structures(structures.frame(), table.frame())
    return RunResult(table, layers, quantization, manifest, structures)


def _plain(table: Columns) -> dict[str, Any]:
    """Turn columns into what JSON knows; those with few values are coded."""
    return {name: _plain_column(table, name) for name in table.by_name}


def _plain_column(table: Columns, name: str) -> Any:
    column = table.by_name[name]
    if isinstance(column, Coded):
        once = column.distinct
        return {"codes": once.codes.tolist(), "values": list(once.values)}
    return table[name]


def _columns(document: dict[str, Any]) -> Columns:
    return Columns({name: _column(column) for name, column in document.items()})


def _column(column: Any) -> Column:
    if isinstance(column, dict):
        return Coded(np.array(column["codes"], dtype=np.int32), column["values"])
    return [*column]
