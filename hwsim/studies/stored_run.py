"""A run in a store: a study whose points are its schemes."""

from __future__ import annotations

from collections.abc import Sequence

from hwsim.energy import EnergyModel
from hwsim.studies.evaluation import Evaluation
from hwsim.studies.store.store import Store
from hwsim.studies.study_provenance import provenance
from hwsim.studies.study_store import StoredPoint, keep_study


def keep_run(
    store: Store, evaluation: Evaluation, prices: Sequence[EnergyModel], baseline: str | None
) -> None:
    """Write down what a run asks for, before anything is evaluated.

    Parameters
    ----------
    store : Store
        Where.
    evaluation : Evaluation
        A cell for each scheme.
    prices : sequence of EnergyModel
        What will price it; a run prices its result itself, so that no energies are kept.
    baseline : str or None
        The scheme that ratios are relative to.
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
