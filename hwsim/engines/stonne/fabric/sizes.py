"""The sizes of a flexible fabric: multipliers and ports, checked as the machine needs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: The largest fabric that hwsim simulates; SIGMA's authors synthesised 16384 multipliers.
_MOST_MULTIPLIERS = 65536


class FabricSizes(NamedTuple):
    """Sizes of a fabric.

    Parameters
    ----------
    num_ms : int
        Multipliers, the leaves of both trees.
    dn_bw, rn_bw : int
        Read and write ports of the global buffer, elements/cycle.
    """

    num_ms: int
    dn_bw: int
    rn_bw: int

    @classmethod
    def of(cls, arch: Arch, beside: Sequence[str] = ()) -> FabricSizes:
        """Take the sizes of an architecture.

        Parameters
        ----------
        arch : Arch
            The architecture.
        beside : sequence of str
            Parameters that its engine reads beside these.

        Raises
        ------
        InputError
            If one is none that trees of adders and switches can have. Bounds in a spec may be
            tighter; they cannot be wider.
        """
        sizes = cls(*(arch[name] for name in cls._fields))
        arch.refuse_idle((*cls._fields, *beside))
        for name, problem in sizes._problems():
            where = f"arch {arch.label!r} ({arch.where(('parameters', name))})"
            raise InputError(f"{where}: {problem}")
        return sizes

    def check(self, where: str) -> None:
        """Refuse sizes that no architecture says.

        Parameters
        ----------
        where : str
            Begins the message.

        Raises
        ------
        InputError
            As :meth:`of`.
        """
        for _, problem in self._problems():
            raise InputError(f"{where}: {problem}")

    def _problems(self) -> Iterator[tuple[str, str]]:
        bounds = {"num_ms": (2, _MOST_MULTIPLIERS), "dn_bw": (1, self.num_ms)}
        bounds["rn_bw"] = bounds["dn_bw"]
        for name, (least, most) in bounds.items():
            value = getattr(self, name)
            if not least <= value <= most or value.bit_count() != 1:
                yield (
                    name,
                    f"{name} must be a power of two in the range [{least}, {most}] on this "
                    f"machine. Got {value}",
                )
