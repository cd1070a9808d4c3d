"""The main study: a network under several schemes on one architecture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from hwsim.activity import Activity
from hwsim.arch import Arch, load_arch
from hwsim.energy import EnergyModel, load_energy_tables, price
from hwsim.engines import Engine, load_engine
from hwsim.errors import InputError, ProgramError
from hwsim.networks import Network
from hwsim.schemes import describe, parse_scheme, quantize
from hwsim.schemes.quantized import QuantizedNetwork
from hwsim.studies.evaluation import Evaluation
from hwsim.studies.manifest import build_manifest, scheme_entry
from hwsim.studies.model_file import read_model
from hwsim.studies.progress import progress_bar
from hwsim.studies.result import RunResult, baseline_of
from hwsim.studies.selection import select_layers
from hwsim.studies.tables import action_table, layer_table
from hwsim.studies.task import Outcome, Problem
from hwsim.workload import lower
from hwsim.workload.operands import Operands

#: The comparison that hwsim is for.
DEFAULT_SCHEMES = ("dense", "binary", "signed-binary")


def run(
    model: str | Path | Network,
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
    progress: bool = False,
    workers: int | None = None,
) -> RunResult:
    """Evaluate every layer of a network under every scheme on an architecture.

    Parameters
    ----------
    model : str, Path or Network
        A weight file, see :func:`hwsim.load_network`, or a network.
    arch : str, Path or Arch
        An architecture, see :func:`hwsim.load_arch`.
    schemes : sequence of str
        Schemes as text, e.g. ``"signed-binary:p=0.5"``; see :func:`hwsim.quantize`. Ratios are
        relative to the first dense one.
    layers : str or sequence of str, optional
        Name patterns of the layers to evaluate, e.g. ``"layer1.*"``; all when not given.
    quantize_layers : sequence of str, optional
        Name patterns of the layers that schemes change; those of the paper when not given.
    topology, input_size : optional
        The geometry of a weight file that carries none; see :func:`hwsim.load_network`.
    energy : str, Path, EnergyModel, or a sequence of them, optional
        Energy tables, see :func:`hwsim.load_energy_table`, also as one text with commas
        (``"stonne,physical"``); the architecture's when not given.
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
    progress : bool
        Whether to show a bar on standard error if that is a terminal.
    workers : int, optional
        Threads; as many as there are cores when not given.

    Returns
    -------
    RunResult
        Tables of actions, layers, totals and components, and a manifest. A layer for which
        another tool's program fails is left out under every scheme, so that totals compare like
        with like; ``manifest["failures"]`` says why.

    Raises
    ------
    InputError
        If a file, a name or a value cannot be used; the message says which and why.
    ProgramError
        If another tool's program fails for every layer.

    Examples
    --------
    >>> import hwsim
    >>> result = hwsim.run(hwsim.make_network("resnet20-cifar"), layers="layer1.*")
    >>> totals = result.totals.set_index("scheme")
    >>> float(totals.loc["binary", "energy_ratio"])
    1.0
    """
    machine = arch if isinstance(arch, Arch) and not overrides else _machine(arch, overrides)
    prices = load_energy_tables(machine.energy_table if energy is None else energy)
    engine = load_engine(engine or machine.engine) if not isinstance(engine, Engine) else engine
    engine = _with_density(engine, density)
    if not 0 < activation_density <= 1:
        raise InputError(
            f"activation density {activation_density:g}: expected a share above 0, at most 1"
        )
    schemes = _distinct(schemes)
    network = read_model(model, topology, input_size)
    chosen = select_layers(network, layers)
    names = {layer.name for layer in chosen.layers}

    entries: list[dict[str, Any]] = []
    descriptions: list[dict[str, Any]] = []
    pending: list[tuple[Problem, Operands, Future[Activity]]] = []
    with (
        progress_bar("Evaluating", len(schemes) * len(names), wanted=progress) as step,
        Evaluation(engine, machine, workers) as evaluation,
    ):
        for scheme in schemes:
            # The whole network, because a default or a threshold may depend on all its layers.
            quantized = _only(names, quantize(network, scheme, quantize_layers))
            entries.append(scheme_entry(scheme, quantized))
            descriptions += [{"scheme": scheme, **_applied(row)} for row in describe(quantized)]
            evaluation.settle()
            for layer in quantized.layers:
                workload = replace(lower(layer), activation_density=activation_density)
                problem = Problem.of(scheme, layer, workload)
                future = evaluation.submit(workload, step)
                pending.append((problem, Operands.of(layer), future))
        finished, failures = _finished(pending)
        outcomes = [_outcome(*each, prices, machine) for each in finished]

    import pandas as pd

    return RunResult(
        table=action_table(outcomes, network.name, machine.label),
        layers=layer_table(outcomes, baseline_of(schemes)),
        quantization=pd.DataFrame(descriptions),
        manifest={
            **build_manifest(chosen, machine, prices, entries, outcomes[0].breakdowns),
            "engine": engine.name,
            "density": density,
            "activation_density": activation_density,
            "failures": failures,
        },
    )


def _machine(arch: str | Path | Arch, overrides: Mapping[str, int | str] | None) -> Arch:
    if isinstance(arch, Arch):
        raise InputError(f"arch {arch.label}: it is loaded already; give load_arch the overrides")
    return load_arch(arch, overrides)


def _with_density(engine: Engine, density: str) -> Engine:
    """Let an engine take the zeros of the weights otherwise than as they are."""
    if density == "actual":
        return engine
    change = getattr(engine, "with_density", None)
    if change is None:
        raise InputError(
            f"density {density!r}: engine {engine.name!r} evaluates the very zeros of the weights; "
            "choose an architecture of the engine sparseloop"
        )
    changed: Engine = change(density)
    return changed


def _distinct(schemes: Sequence[str]) -> list[str]:
    names = [schemes] if isinstance(schemes, str) else list(dict.fromkeys(schemes))
    for name in names:  # a misspelt one must not be found out after the others have run
        parse_scheme(name)
    if not names:
        raise InputError("no scheme to evaluate; give at least one, e.g. signed-binary")
    return names


def _only(names: set[str], quantized: QuantizedNetwork) -> QuantizedNetwork:
    kept = tuple(layer for layer in quantized.layers if layer.layer.name in names)
    return replace(quantized, layers=kept)


def _applied(row: dict[str, Any]) -> dict[str, Any]:
    return {"scheme_applied" if key == "scheme" else key: value for key, value in row.items()}


def _finished(
    pending: list[tuple[Problem, Operands, Future[Activity]]],
) -> tuple[list[tuple[Problem, Operands, Future[Activity]]], list[str]]:
    """Leave out the layers that another tool's program failed for, and say why."""
    failures = {
        (problem.scheme, problem.layer): f"{problem.scheme}: layer {problem.layer!r}: {error}"
        for problem, _, future in pending
        if isinstance(error := future.exception(), ProgramError)
    }
    failed = {layer for _, layer in failures}
    kept = [each for each in pending if each[0].layer not in failed]
    if not kept:
        raise ProgramError(next(iter(failures.values())))
    return kept, list(failures.values())


def _outcome(
    problem: Problem,
    operands: Operands,
    future: Future[Activity],
    prices: Sequence[EnergyModel],
    arch: Arch,
) -> Outcome:
    activity = future.result()
    costs = tuple(price(activity, each, arch, operands) for each in prices)
    return Outcome(problem, activity, costs)
