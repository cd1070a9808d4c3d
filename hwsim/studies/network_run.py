"""The main study: a network under several schemes on one architecture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwsim.arch import Arch
from hwsim.energy import EnergyModel
from hwsim.engines import Engine
from hwsim.errors import ProgramError
from hwsim.networks import Network
from hwsim.rare_collection import rare_collection
from hwsim.schemes.description import LayerRow
from hwsim.studies._manifest import build_manifest, scheme_entry
from hwsim.studies.action_table import action_table
from hwsim.studies.cells import Cell
from hwsim.studies.columns import Columns
from hwsim.studies.evaluation import Evaluation
from hwsim.studies.idle_machine import idle_warnings
from hwsim.studies.idle_settings import refuse_idle_settings, refuse_idle_timeout
from hwsim.studies.layer_costs import DistinctLayers, LayerCosts
from hwsim.studies.layer_task import Outcome
from hwsim.studies.limits import cycle_limits, peak_limits
from hwsim.studies.machine import Machine
from hwsim.studies.plan import Plan
from hwsim.studies.progress import progress_bar
from hwsim.studies.request import DEFAULT_SCHEMES, Request, request_about
from hwsim.studies.result import RunResult, baseline_of
from hwsim.studies.structures import StructureCosts
from hwsim.studies.tables import layer_table
from hwsim.studies.workers.threads import ThreadWorkers

if TYPE_CHECKING:
    from hwsim.studies.store.store import Store


def run(
    model: str | Path | Network | Request,
    arch: str | Path | Arch = "sigma",
    schemes: Sequence[str] = DEFAULT_SCHEMES,
    *,
    layers: str | Sequence[str] | None = None,
    quantize_layers: Sequence[str] | None = None,
    topology: str | Path | None = None,
    input_size: int | tuple[int, int] | None = None,
    energy: str | Path | EnergyModel | Sequence[str | Path | EnergyModel] | None = None,
    overrides: Mapping[str, int | str] | None = None,
    engine: str | Engine | None = None,
    density: str = "actual",
    activation_density: float = 1.0,
    activations: str | Path | None = None,
    equal_area: bool = False,
    progress: bool = False,
    workers: int | None = None,
    store: str | Path | Store | None = None,
    command: str | None = None,
) -> RunResult:
    """Evaluate every layer of a network under every scheme on an architecture.

    Parameters
    ----------
    model : str, Path, Network or Request
        A weight file, see :func:`hwsim.load_network`, or a network; or a request, which says all
        that the other parameters say but ``progress`` and ``workers``.
    arch : str, Path or Arch
        An architecture, see :func:`hwsim.load_arch`.
    schemes : sequence of str
        Schemes as text, e.g. ``"signed-binary:p=0.5"``; see :func:`hwsim.quantize`. Ratios are
        relative to the first dense one.
    layers : str or sequence of str, optional
        Name patterns of the layers to evaluate, e.g. ``"layer1.*"``, and with ``!`` of those not
        to; all when not given.
    quantize_layers : sequence of str, optional
        Name patterns of the layers that schemes change; those of the paper when not given.
    topology, input_size : optional
        The geometry of a weight file that carries none; see :func:`hwsim.load_network`.
    energy : str, Path, EnergyModel, or a sequence of them, optional
        Energy tables, see :func:`hwsim.load_energy_table`, also as one text with commas
        (``"stonne,physical"``); ``physical`` and the architecture's own when not given.
    overrides : mapping of str to int or str, optional
        Parameters of the architecture to set, e.g. ``{"num_ms": 64, "node": "45 nm"}``.
    engine : str or Engine, optional
        Evaluate with this one in place of the architecture's, e.g. ``"stonne"`` for the real
        program.
    density : {"actual", "statistical"}
        Whether to use the very zeros of the weights, or only their share, strewn at random; the
        latter is for engines that work with expected values (``sparseloop``).
    activation_density : float
        Expected share of activations that are not zero, above 0 to 1.
    activations : str or Path, optional
        In place of that share: ``measured`` (what the network carries, the default where it
        does), ``dense``, or a file; see :class:`hwsim.Request`.
    equal_area : bool
        Whether each scheme has a machine of its own: as many units made for its weights as fit the
        area of the architecture as given, on which dense runs.
    progress : bool
        Whether to show a bar on standard error if that is a terminal.
    workers : int, optional
        Threads; as many as there are cores when not given, or one where all layers are small.
    store : str, Path or Store, optional
        Where activities are kept as they are found, and looked up: a run that was ended goes on
        where it was, and what it found in the end is kept whole. In memory for this run when not
        given.
    command : str, optional
        The command that runs it, for the manifest.

    Returns
    -------
    RunResult
        Tables of actions, layers, totals and components, and a manifest. A layer for which
        another tool's program fails is left out under every scheme, so that totals compare like
        with like; ``manifest["failures"]`` says why. ``manifest["warnings"]`` names layers that
        use less than a fifth of the machine, with the reason. At equal area
        ``manifest["equal_area"]`` describes the machines, and ``machines`` sums them up.

    Raises
    ------
    InputError
        If a file, a name or a value cannot be used; the message says which and why.
    ProgramError
        If another tool's program fails for every layer.

    Notes
    -----
    While it runs, Python looks for circles of garbage after five million new objects, and as before
    when it has (:mod:`hwsim.rare_collection`).

    Examples
    --------
    >>> import hwsim
    >>> result = hwsim.run(hwsim.make_network("resnet20-cifar"), layers="layer1.*")
    >>> totals = result.totals.set_index(["energy_table", "scheme"])
    >>> float(totals.loc[("physical", "binary"), "cycles_ratio"])
    1.0
    """
    given = Request(
        arch=arch,
        schemes=schemes,
        layers=layers,
        quantize_layers=quantize_layers,
        topology=topology,
        input_size=input_size,
        energy=energy,
        overrides=overrides,
        engine=engine,
        density=density,
        activation_density=activation_density,
        activations=activations,
        equal_area=equal_area,
    )
    request = request_about(model, given)
    if store is None:
        return run_request(request, progress=progress, workers=workers, command=command)
    from hwsim.studies.store.store import Store

    if isinstance(store, Store):
        return run_request(
            request, progress=progress, workers=workers, store=store, command=command
        )
    with Store(store) as kept:
        return run_request(request, progress=progress, workers=workers, store=kept, command=command)


@rare_collection()
def run_request(
    request: Request,
    *,
    progress: bool = False,
    workers: int | None = None,
    by_structure: bool = True,
    store: Store | None = None,
    command: str | None = None,
) -> RunResult:
    """Evaluate every layer of a request's network under every scheme.

    Parameters
    ----------
    request : Request
        What to evaluate.
    progress, workers, store, command
        As for :func:`run`.
    by_structure : bool
        Whether to price every structure that the machine may have, or only its own.
    """
    arch = request.load_arch()
    prices = request.load_run_prices(arch)
    own = request.load_machine(arch)
    refuse_idle_settings(arch, own.engine, prices)
    refuse_idle_timeout(request.timeout_s, own.engine)
    plan = Plan.of(request, measured=True, kept=store is not None, progress=progress)
    machines = dict.fromkeys(request.schemes, own)
    comparison = None
    if request.equal_area:
        from hwsim.studies.equal_area import size_machines

        comparison = size_machines(plan, arch, own.engine, prices)
        plan = comparison.restricted(plan)
        sized = {each: Machine.of(each, own.engine, own.sent) for each in comparison.archs.values()}
        machines = {scheme: sized[each] for scheme, each in comparison.archs.items()}
    archs = {scheme: machine.arch for scheme, machine in machines.items()}

    cells = [Cell(plan, scheme, machine) for scheme, machine in machines.items()]
    with progress_bar("Evaluating", plan.layer_count, wanted=progress) as step:
        evaluation = Evaluation(cells, store, may_fail=ProgramError, on_done=step)
        if store is not None:
            from hwsim.studies.stored_run import keep_result, keep_run

            name = keep_run(store, evaluation, prices, baseline_of(list(request.schemes)))
        with ThreadWorkers.for_machines(machines.values(), workers) as crew:
            evaluation.run(crew)
        outcomes, failures = _finished(evaluation)
    layers = DistinctLayers.of(outcomes, archs)
    costs = [LayerCosts.of(layers, model, archs) for model in prices]
    entries, quantization, densities = _described(plan, evaluation)

    baseline = baseline_of(list(request.schemes))
    first = next((n for n, each in enumerate(outcomes) if each.task.scheme == baseline), 0)
    areas = [cost.breakdown(first) for cost in costs]
    limits = cycle_limits(outcomes, baseline)
    manifest = {
        **build_manifest(plan.chosen, arch, prices, entries, areas),
        "engine": own.engine.name,
        "density": request.density,
        **plan.inputs_in_manifest(),
        "failures": failures,
        "warnings": idle_warnings(outcomes),
    }
    if comparison is not None:
        limits = peak_limits(outcomes, baseline, comparison.unit, densities)
        manifest["equal_area"] = comparison.to_manifest(outcomes)
    if command is not None:
        manifest["command"] = command
    labels = {scheme: each.label for scheme, each in archs.items()}
    structures = None
    if by_structure:
        priced = list(zip(prices, costs, strict=True))
        structures = StructureCosts.of(outcomes, layers, priced, archs)
    result = RunResult(
        table=action_table(outcomes, costs, plan.network.name, labels),
        layers=layer_table(outcomes, costs, baseline, limits),
        quantization=quantization,
        manifest=manifest,
        structures=structures,
    )
    if store is not None:
        keep_result(store, name, result)
    return result


def _described(
    plan: Plan, evaluation: Evaluation
) -> tuple[list[dict[str, Any]], Columns, dict[str, float]]:
    """Describe what each scheme did, and give the expected density of the input of each layer."""
    entries: list[dict[str, Any]] = []
    rows: list[LayerRow] = []
    for number, cell in enumerate(evaluation.cells):
        scheme, quantized = cell.scheme, plan.under(cell.scheme)
        tasks = zip(evaluation.keys_of(number), plan.chosen.layers, strict=True)
        # What came out of a store was quantised by whoever has put it there.
        described = [
            evaluation.rows.get(task.key) or plan.describe(scheme, layer.name)
            for task, layer in tasks
        ]
        entries.append(scheme_entry(scheme, quantized, described))
        rows += described
    densities = {
        layer.name: plan.activations(layer).density
        for layer in plan.chosen.layers
        if layer.name not in plan.inputs
    }
    # ``scheme`` is that of the run in all tables, and a layer's own one that is applied.
    by_name = {
        "scheme_applied" if name == "scheme" else name: column
        for name, column in Columns.of_rows(rows).by_name.items()
    }
    schemes = [cell.scheme for cell in evaluation.cells for _ in plan.chosen.layers]
    return entries, Columns({"scheme": schemes, **by_name}), densities


def _finished(evaluation: Evaluation) -> tuple[list[Outcome], list[str]]:
    """Leave out the layers that another tool's program failed for, and say why."""
    failures = {}
    for number, cell in enumerate(evaluation.cells):
        for layer, error in evaluation.failures_of(number).items():
            failures[cell.scheme, layer] = f"{cell.scheme}: layer {layer!r}: {error}"
    failed = {layer for _, layer in failures}
    kept = [
        each
        for number in range(len(evaluation.cells))
        for each in evaluation.outcomes(number)
        if each.task.layer not in failed
    ]
    if not kept:
        raise ProgramError(next(iter(failures.values())))
    return kept, list(failures.values())
