"""Layers alike as GEMMs: one problem, and the weights of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from hwsim.bit_rows import BitRows
from hwsim.later import OneByOne
from hwsim.schemes.quantized_layers import QuantizedLayers
from hwsim.workload.activations import Activations
from hwsim.workload.lower import knowing_zeros, lower, promised_levels
from hwsim.workload.operands import Operands
from hwsim.workload.workload import Workload


class AlikeWorkloads(OneByOne[Workload]):
    """Workloads that differ in their weights alone, each made when somebody asks for it.

    Parameters
    ----------
    quantized : QuantizedLayers
        Layers alike, which have as many sign bits each.
    activations, compared_bits
        As for :func:`~hwsim.workload.lower.lower`, of all of them.

    Raises
    ------
    InputError
        As :func:`~hwsim.workload.lower.lower`.
    """

    def __init__(
        self,
        quantized: QuantizedLayers,
        activations: Activations,
        compared_bits: tuple[int, ...] = (),
    ) -> None:
        self._quantized = quantized
        self.first = lower(quantized[0], activations, compared_bits)
        self._members[0] = self.first

    def __len__(self) -> int:
        return len(self._quantized)

    @property
    def names(self) -> list[str]:
        """Of the layers."""
        return self._quantized.names

    def at(self, places: Sequence[int]) -> AlikeWorkloads:
        """Choose some of them."""
        if [*places] == [*range(len(self))]:
            return self
        chosen = object.__new__(AlikeWorkloads)
        chosen._quantized, chosen.first = self._quantized.at(places), self[places[0]]
        chosen._members.update(self._members_at(places))
        return chosen

    @property
    def bits(self) -> BitRows:
        """Where their weights are not zero, (layers, groups, filters, reduction), a bit each."""
        shape, marks = self.first.shape, self._quantized.levels.nonzeros
        if all(effectual == self.first.size for effectual in self._quantized.effectual):
            return BitRows.full((len(self), *shape))
        if marks is not None:
            return marks.reshape(len(self), *shape[:2])
        rows = BitRows.concatenated([each.bits.reshape(shape[0] * shape[1]) for each in self])
        return rows.reshape(len(self), *shape[:2])

    def _one(self, place: int) -> Workload:
        quantized = self._quantized[place]
        levels = promised_levels(quantized, self.first.shape)
        made = self.first.with_weights(quantized.layer.name, levels, self.operands[place])
        return knowing_zeros(made, quantized)

    @cached_property
    def operands(self) -> list[Operands]:
        """What the values of each layer are made of; equal ones are one object."""
        assert self.first.operands is not None  # lower reads them off the layer
        effectual = self._quantized.effectual
        distinct = {each: self.first.operands.with_effectual(each) for each in set(effectual)}
        return [distinct[each] for each in effectual]

    def zeros_fingerprints(self) -> list[str]:
        """Give :meth:`.Workload.zeros_fingerprint` of each, without making those it need not."""
        if self.first.activations.nonzeros is not None:
            return [each.zeros_fingerprint() for each in self]
        return [*map(self._zeros_fingerprint, range(len(self)), self._quantized.effectual)]

    def _zeros_fingerprint(self, place: int, effectual: int) -> str:
        marks = self._quantized.levels.nonzeros
        if effectual == self.first.size:
            return self.first.zeros_fingerprint_of(None)
        if marks is None:
            return self[place].zeros_fingerprint()
        return self.first.zeros_fingerprint_of(marks[place])

    @property
    def held_bytes(self) -> int:
        """What their arrays take in memory now."""
        marks = self._quantized.levels.nonzeros
        made = sum([each.held_bytes for each in [*self._members.values()]])  # of other threads, too
        if marks is None:
            return made
        return made + marks.nbytes * (len(self) - len(self._members)) // len(self)
