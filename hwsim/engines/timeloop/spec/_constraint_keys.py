"""The keys of constraints and of the mapping's directives, which have most of them in common."""

from __future__ import annotations

from typing import Any, Final

from hwsim.engines.timeloop.spec._field import (
    Field,
    Part,
    anything,
    elsewhere,
    integer,
    names,
    number,
    required_text,
    text,
    version,
)
from hwsim.engines.timeloop.spec.section import Section, plain
from hwsim.engines.timeloop.terms.denials import DENIALS

# Whom a directive or a constraint is for.
TARGET: Final = required_text("target")
NAME: Final = required_text("name")
TYPE: Final = required_text("type")
VERSION: Final = version(default=None)
#: Names of the type that says what is stored, the one of each layout first.
DATASPACE_TYPES: Final = ("datatype", "bypass", "bypassing", "dataspace")
PARALLELISM_TYPES: Final = ("utilization", "parallelism")
OVERBOOKING: Final = "max_overbooked_proportion"

# Loops.
FACTORS: Final = anything("factors", inside=Part(named=True))
FACTORS_ONLY: Final = anything("factors_only", inside=Part(named=True))
PERMUTATION: Final = anything("permutation")
SPLIT: Final = integer("split", default=None)
MOST: Final = integer("default_max_factor", default=None, least=1)
LEAST: Final = integer("default_min_factor", default=None, least=1)
REMAINDERS: Final = anything("remainders")
NOT_OVER: Final = names("no_iteration_over_dataspaces")

# What is stored.
KEEP: Final = names("keep")
BYPASS: Final = names("bypass")
#: What is bypassed and passes through the memory all the same, word by word.
STREAM: Final = names("stream")
KEEP_ONLY: Final = names("keep_only")
BYPASS_ONLY: Final = names("bypass_only")

# Compute units that have to work.
MIN: Final = number("min", default=None)
_PROPORTION: Final = elsewhere("the share of tiles that may be too large", ("proportion",))

_DENIED: Final = tuple(names(key) for key in {k: None for d in DENIALS for k in d.keys})
_LOOPS: Final = Part(
    (FACTORS, FACTORS_ONLY, PERMUTATION, SPLIT, MOST, LEAST, REMAINDERS, NOT_OVER, *_DENIED)
)
_STORED: Final = Part((KEEP, BYPASS, KEEP_ONLY, BYPASS_ONLY, *_DENIED))

#: A directive of a mapping.
DIRECTIVE: Final = Part((TARGET, TYPE, FACTORS, PERMUTATION, SPLIT, KEEP, BYPASS, STREAM, *_DENIED))

_RULES: Final = Part((*_LOOPS.fields, *_STORED.fields, MIN, *_PROPORTION))
#: Where the rules of an item stand in a mapping of their own.
RULES: Final = anything("attributes", inside=_RULES)
_ITEM: Final = Part((TARGET, NAME, TYPE, RULES, *_RULES.fields))
ITEMS: Final = anything("constraints", inside=_ITEM)
_TARGET_PART: Final = Part((*_ITEM.fields, ITEMS))
TARGETS: Final = anything("targets", inside=_TARGET_PART)
#: The kind of map space: of factors that divide, or of others, too.
TEMPLATE: Final = text("template", default=None)
#: A root is a list of targets, or has the list under one of two keys.
_ROOT_FIELDS: Final = (
    VERSION,
    TARGETS,
    anything("constraints", inside=_TARGET_PART),
    TEMPLATE,
)


#: Several lists may stand in a root, one of which ``constraints: NAME`` chooses.
CHOSEN_PREFIX: Final = "constraints_"


def _root_part(root: Section) -> Part:
    """Tell the owner of a list, or of several, from an entry of one."""
    if isinstance(root.key[-1], int):
        return _TARGET_PART
    lists = [key for key in root.names_inside() if key.startswith(CHOSEN_PREFIX)]
    return Part((*_ROOT_FIELDS, *(anything(key, inside=_TARGET_PART) for key in lists)))


MAPSPACE: Final = anything("mapspace", inside=_root_part)
MAPSPACE_CONSTRAINTS: Final = anything("mapspace_constraints", inside=_root_part)
#: The root of v0.4.
CONSTRAINTS: Final = anything("constraints", inside=_root_part)
ARCHITECTURE_CONSTRAINTS: Final = anything(
    "architecture_constraints", "arch_constraints", "architecture_constraints", inside=_root_part
)
ARCHITECTURE_TARGETS: Final = anything("constraints", inside=_root_part)
_ROOTS: Final = (MAPSPACE_CONSTRAINTS, CONSTRAINTS, ARCHITECTURE_CONSTRAINTS)


def more_constraints(inputs: Section) -> list[Field[Any]]:
    """List other root keys with constraints: to the front end, all that have the word in them."""
    known = {key for field in _ROOTS for key in field.spellings}
    keys = [key for key in inputs.names_inside() if plain(key) not in known]
    return [anything(key, inside=_root_part) for key in keys if CONSTRAINTS.key in key]


# The constraints of a v0.4 node.
TEMPORAL: Final = anything("temporal", inside=_LOOPS)
SPATIAL: Final = anything("spatial", inside=_LOOPS)
DATASPACE: Final = anything("dataspace", "bypass", "datatype", inside=_STORED)
NODE_CONSTRAINTS: Final = anything(
    "constraints",
    inside=Part(
        (
            TEMPORAL,
            SPATIAL,
            DATASPACE,
            anything(OVERBOOKING, inside=Part(_PROPORTION)),
            *(anything(kind, inside=Part((MIN,))) for kind in PARALLELISM_TYPES),
        )
    ),
)
