"""The keys of ``sparse_optimizations``, of the whole design or of a v0.4 node."""

from __future__ import annotations

from typing import Final

from hwsim.engines.timeloop.spec._field import (
    Part,
    anything,
    elsewhere,
    integer,
    names,
    required_text,
    text,
    version,
)
from hwsim.engines.timeloop.spec.section import Section
from hwsim.plausible import WIDEST_WORD

NAME: Final = required_text("name")
TARGET: Final = required_text("target")
TYPE: Final = required_text("type")

# How a tensor is stored: ranks, outermost first.
FORMAT: Final = required_text("format")
METADATA_WORD_BITS: Final = integer("metadata_word_bits", default=None, most=WIDEST_WORD)
PAYLOAD_WORD_BITS: Final = integer("payload_word_bits", default=None, most=WIDEST_WORD)
FLATTENED: Final = anything("flattened_rankIDs")
RANKS: Final = anything(
    "ranks", inside=Part((FORMAT, METADATA_WORD_BITS, PAYLOAD_WORD_BITS, FLATTENED))
)
ORDER: Final = text("rank_application_order", default="outer_to_inner")
COMPRESSION_RATE: Final = anything("compression_rate")
DATA_SPACES: Final = anything(
    "data_spaces",
    inside=Part(
        (
            NAME,
            RANKS,
            ORDER,
            COMPRESSION_RATE,
            *elsewhere("a tile shape that the ranks imply", ("tile_shape",)),
        )
    ),
)
REPRESENTATION: Final = anything("representation_format", inside=Part((DATA_SPACES,)))

# What is saved on zeros.
CONDITION_ON: Final = names("condition_on")
_CONDITION: Final = (TARGET, CONDITION_ON)
OPTIONS: Final = anything("options", inside=Part(_CONDITION))
ACTIONS: Final = anything("action_optimization", inside=Part((TYPE, OPTIONS, *_CONDITION)))
COMPUTE: Final = anything("compute_optimization", inside=Part((TYPE,)))

OPTIMIZATIONS: Final = (REPRESENTATION, ACTIONS, COMPUTE)
_TARGET: Final = Part((NAME, TARGET, *OPTIMIZATIONS))
TARGETS: Final = anything("targets", inside=_TARGET)
VERSION: Final = version(default=None)


def _root_part(root: Section) -> Part:
    """Tell the owner of a list of targets from an entry of a root that is the list."""
    return _TARGET if isinstance(root.key[-1], int) else Part((VERSION, TARGETS))


SPARSE: Final = anything("sparse_optimizations", inside=_root_part)
NODE_SPARSE: Final = anything("sparse_optimizations", inside=Part((NAME, *OPTIMIZATIONS)))
