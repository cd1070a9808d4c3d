"""SIGMA as STONNE simulates it, in closed form; as published with ``distribution: multicast``.

Weights are stationary. STONNE's controller packs their non-zeros into configurations of the
multipliers; for each it streams every column of the other matrix, reduces each virtual neuron in
the tree and collects the outputs. See ``docs/sigma.md`` for the machine.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

from hwsim.activity import Activity
from hwsim.bit_rows import BitRows
from hwsim.engines.protocol import Engine, operand_limits
from hwsim.engines.stonne.fabric.sizes import FabricSizes
from hwsim.engines.stonne.fabric.variants import DISTRIBUTIONS, multicasts
from hwsim.engines.stonne.sigma.gemms import ENGINE, Gemms, simulate_gemms
from hwsim.engines.stonne.sigma.groups import add_groups
from hwsim.engines.stonne.sigma.multicast.sizes import STREAM_BANDWIDTH, MulticastSizes
from hwsim.engines.stonne.sigma.packing_pace import with_packing_pace
from hwsim.engines.stonne.sigma.stream import Stream
from hwsim.errors import InputError
from hwsim.own_rule import knows_the_rule
from hwsim.workload.workload import Workload

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.workload import AlikeWorkloads


class SigmaEngine(Engine):
    """Cycles and action counts of a GEMM on SIGMA, equal to STONNE's, or of the published one."""

    name = ENGINE
    images_together = True
    compares_schemes = False
    side_by_side = True
    options = MappingProxyType({"distribution": DISTRIBUTIONS})

    def check(self, arch: Arch) -> None:
        """Refuse sizes that the machine cannot have, and a distribution that is not known."""
        if multicasts(arch):
            MulticastSizes.of(arch)
            return
        if STREAM_BANDWIDTH in arch.overrides:
            raise InputError(
                f"arch {arch.label!r}: {STREAM_BANDWIDTH} says nothing of ports; set "
                "distribution=multicast"
            )
        FabricSizes.of(arch)

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Evaluate a lowered layer.

        Parameters
        ----------
        workload : Workload
            The layer; its groups run one after the other.
        arch : Arch
            An architecture with ``num_ms``, ``dn_bw`` and ``rn_bw``.

        Returns
        -------
        Activity
            Totals over all groups.
        """
        return self.simulate_all([workload], arch)[0]

    def simulate_all(self, workloads: Sequence[Workload], arch: Arch) -> list[Activity]:
        """Evaluate lowered layers, those of one K side by side."""
        if multicasts(arch):
            from hwsim.engines.stonne.sigma.multicast.simulation import simulate_multicast

            runs = [simulate_multicast(workload, arch, self.name) for workload in workloads]
        else:
            runs = _at_ports(workloads, arch)
        return [
            with_packing_pace(run, workload.streams)
            for run, workload in zip(runs, workloads, strict=True)
        ]

    def simulate_alike(self, groups: Sequence[AlikeWorkloads], arch: Arch) -> list[Activity]:
        """Evaluate layers alike as they stand, unless a subclass simulates otherwise."""
        simulates = knows_the_rule(type(self), "simulate_alike", ("simulate", "simulate_all"))
        if multicasts(arch) or not simulates:
            return super().simulate_alike(groups, arch)
        products = [_alike(each.first, each.bits) for each in groups]
        return [
            with_packing_pace(run, each.first.streams)
            for each, runs in zip(groups, simulate_gemms(products, arch), strict=True)
            for run in runs
        ]

    def key(self, workload: Workload) -> Hashable:
        """Identify the GEMM and its zeros: SIGMA knows no levels and no windows."""
        return workload.zeros_fingerprint()

    def keys(self, workloads: AlikeWorkloads) -> Sequence[Hashable]:
        """Identify the same of each, unless a subclass looks at more."""
        if not knows_the_rule(type(self), "keys", ("key",)):
            return super().keys(workloads)
        return workloads.zeros_fingerprints()

    def reads(self, arch: Arch) -> Hashable:
        """Identify sizes and options: no clock, memory or node changes a cycle."""
        settings = tuple(sorted(arch.parameters.items())), tuple(sorted(arch.options.items()))
        return settings, operand_limits(arch)


def _at_ports(workloads: Sequence[Workload], arch: Arch) -> list[Activity]:
    gemms = [_gemms(workload) for workload in workloads]
    runs = [run for [run] in simulate_gemms([each for own in gemms for each in own], arch)]
    bounds = pairwise([0, *accumulate(map(len, gemms))])
    return [
        runs[first]
        if workload.activations.nonzeros is None
        else add_groups(workload, [(run, 1) for run in runs[first:past]])
        for workload, (first, past) in zip(workloads, bounds, strict=True)
    ]


def _gemms(workload: Workload) -> list[Gemms]:
    present = workload.activations.nonzeros
    if present is None:
        return [_alike(workload, _one(workload.bits))]
    # Every group streams a matrix of its own, so its reads are its own.
    return [
        Gemms(_one(bits), Stream.of_bits(vectors), workload.dataflow)
        for bits, vectors in zip(workload.bits.parts(), present, strict=True)
    ]


def _alike(first: Workload, bits: BitRows) -> Gemms:
    """Make the products of layers alike, of which one is given and the bits of all."""
    return Gemms(bits, _expected(first), first.dataflow)


def _one(bits: BitRows) -> BitRows:
    """Take the bits of one product, (groups, rows, K), as those of several."""
    return bits.reshape(1, *bits.shape[:-1])


def _expected(workload: Workload) -> Stream:
    activations = workload.activations
    if activations.uneven:
        return Stream.of_shares(workload.streams, workload.shares_of_k())
    return Stream.of_density(workload.streams, workload.K, activations.density)
