"""The validation: our engine against the real program, layer by layer, figure by figure."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import product
from typing import Any

from hwsim.activity import Activity
from hwsim.energy import price
from hwsim.engines.programs import Limits
from hwsim.engines.reference import (
    ComparedFigure,
    Comparison,
    Figured,
    ReferenceOptions,
    find_reference,
)
from hwsim.studies.executor import Executor
from hwsim.studies.plan import Plan
from hwsim.studies.progress import progress_bar
from hwsim.studies.request import Request
from hwsim.workload import Workload


@dataclass(frozen=True)
class LayerComparison:
    """A layer under a scheme on both sides.

    Parameters
    ----------
    scheme, layer : str
        What was compared.
    M, K, N, groups : int
        The GEMMs, N or M reduced to the vectors that were asked for.
    both : Comparison
        The two sides.
    """

    scheme: str
    layer: str
    M: int
    K: int
    N: int
    groups: int
    both: Comparison

    @classmethod
    def of(cls, scheme: str, workload: Workload, both: Comparison) -> LayerComparison:
        """Note whose comparison it is, so that the weights can be let go."""
        shape = (workload.M, workload.K, workload.N, workload.groups)
        return cls(scheme, workload.layer, *shape, both)

    @property
    def agrees(self) -> bool:
        """Whether both sides gave a result and no figure differs."""
        return self.both.failure is None and not self.both.differences

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "scheme": self.scheme,
            "layer": self.layer,
            "M": self.M,
            "K": self.K,
            "N": self.N,
            "groups": self.groups,
            "zeros": self.both.zeros,
            "ours": None if self.both.ours is None else dict(self.both.ours),
            "theirs": None if self.both.theirs is None else dict(self.both.theirs),
            "compared": len(self.both.figures),
            "differences": [_record(each) for each in self.both.differences],
            "failure": self.both.failure,
            "seconds": dict(zip(("ours", "theirs"), self.both.seconds, strict=True)),
        }


@dataclass(frozen=True)
class Validation:
    """All comparisons of a validation.

    Parameters
    ----------
    layers : tuple of LayerComparison
        In the order of the network, scheme by scheme.
    arch, title, program : str
        The machine; what to call the program, and which it is.
    shown : mapping of str to str
        Names of the figures of both sides that people look at, and their headings.
    notes : mapping of str to str
        What a reader should know, by headings.
    """

    layers: tuple[LayerComparison, ...]
    arch: str
    title: str
    program: str
    shown: Mapping[str, str]
    notes: Mapping[str, str]

    @property
    def different(self) -> list[LayerComparison]:
        """Layers with a difference."""
        return [layer for layer in self.layers if layer.both.differences]

    @property
    def failed(self) -> list[LayerComparison]:
        """Layers that the program gave no result for."""
        return [layer for layer in self.layers if layer.both.failure]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "arch": self.arch,
            "title": self.title,
            "program": self.program,
            "notes": dict(self.notes),
            "layers": [layer.to_dict() for layer in self.layers],
        }


def validate(
    request: Request,
    *,
    columns: int = 8,
    operands: str = "auto",
    density: str = "hypergeometric",
    memory_mib: int = 8192,
    disk_mib: int = 2048,
    progress: bool = False,
    workers: int = 1,
) -> Validation:
    """Run layers on our engine and on the real program, and compare every figure.

    The program is the one registered for the machine's engine: STONNE for ``sigma``,
    ``timeloop-model`` for ``sparseloop``. Layers that are one task are run once. A layer for
    which the program fails is noted, and the others go on.

    Parameters
    ----------
    request : Request
        The layers, the machine, and where the program is.
    columns : int
        STONNE: stream at most that many vectors a layer.
    operands : {"auto", "layer", "random"}
        STONNE: whose zeros, the layer's own or those that the program draws.
    density : {"hypergeometric", "fixed-structured"}
        Timeloop: how the non-zeros lie.
    memory_mib, disk_mib : int
        What each run of the program may take [MiB].
    progress : bool
        Whether to show a bar on standard error if that is a terminal.
    workers : int
        Programs at a time.

    Returns
    -------
    Validation

    Raises
    ------
    InputError
        If a name or value cannot be used, the program cannot be found, or a layer cannot be run
        on the machine.
    """
    request.refuse_equal_area("a check", "it runs one machine")
    machine = request.load_arch()
    limits = Limits(request.timeout_s, memory_mib, disk_mib)
    where = ReferenceOptions(request.program, request.docker, limits, columns, operands, density)
    reference = find_reference(machine, where)
    prices = request.load_prices(machine)[0]
    plan = Plan.of(request)

    def energy(activity: Activity) -> float:
        return price(activity, prices, machine).total

    def compare(workload: Workload) -> Comparison:
        return reference.compare(workload, machine, energy)

    pending: list[tuple[str, Workload, Future[Comparison]]] = []
    with (
        progress_bar("Comparing", plan.layer_count, wanted=progress) as step,
        Executor(compare, reference.key, reference.stop, workers=workers) as executor,
    ):
        for scheme, layer in product(request.schemes, plan.chosen.layers):
            _, workload = plan.lower(scheme, layer.name)
            part = reference.part(workload)
            name = str(plan.quantizers[scheme].scheme)
            pending.append((name, part, executor.submit(part, step)))
        layers = tuple(
            LayerComparison.of(scheme, workload, future.result())
            for scheme, workload, future in pending
        )
    return Validation(
        layers=layers,
        arch=machine.label,
        title=reference.title,
        program=reference.program,
        shown=reference.shown,
        notes={**reference.notes, "energy": reference.notes.get("energy", prices.label)},
    )


def _record(figure: ComparedFigure) -> dict[str, Figured]:
    return {"label": figure.label, "ours": figure.ours, "theirs": figure.theirs}
