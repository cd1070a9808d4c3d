"""Savings that a mapping or a constraint may deny a data space at a storage level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

DirectiveKind = Literal["temporal", "spatial", "dataspace"]


@dataclass(frozen=True)
class Denial:
    """One of them.

    Parameters
    ----------
    name : str
        As in :class:`hwsim.engines.timeloop.terms.mapping.LevelMapping`.
    kind : {'temporal', 'spatial', 'dataspace'}
        The kind of directive in which it stands.
    keys : tuple of str
        Spellings that are read.
    key, key_of_nodes : str
        The spelling that is written: for Timeloop's programs (v0.3) and its front end (v0.4).
    """

    name: str
    kind: DirectiveKind
    keys: tuple[str, ...]
    key: str
    key_of_nodes: str


def _denial(
    name: str,
    kind: DirectiveKind,
    *more: str,
    key: str | None = None,
    key_of_nodes: str | None = None,
) -> Denial:
    written = key or name
    return Denial(name, kind, (written, *more), written, key_of_nodes or written)


DENIALS: Final = (
    _denial("no_multicast", "spatial", "no_multicast_no_reduction", key="no_reuse"),
    _denial("no_link_transfer", "spatial"),
    _denial("no_temporal_reuse", "temporal", "no_reuse", key_of_nodes="no_reuse"),
    _denial("rmw_first_update", "temporal"),
    _denial("no_coalesce", "dataspace"),
)


def denials_of(kind: str) -> tuple[Denial, ...]:
    """List those of a kind of directive, in the order in which they are written."""
    return tuple(denial for denial in DENIALS if denial.kind == kind)
