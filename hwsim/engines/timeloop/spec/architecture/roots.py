"""The keys of ``architecture`` in its three layouts, and what a component's class makes of it."""

from __future__ import annotations

from typing import Any, Final, Literal

from hwsim.engines.timeloop.spec._constraint_keys import ARCHITECTURE_TARGETS, NODE_CONSTRAINTS
from hwsim.engines.timeloop.spec._field import Field, Part, anything, elsewhere
from hwsim.engines.timeloop.spec._sparse_keys import NODE_SPARSE
from hwsim.engines.timeloop.spec.architecture.attributes import (
    ATTRIBUTES,
    CLASS,
    ENABLED,
    NAME,
    SPATIAL,
    SUBCLASS,
    VERSION,
)
from hwsim.engines.timeloop.spec.section import Section

Role = Literal["storage", "compute", "network"]

#: A class is what it contains one of these words of; other components are left out, as by Timeloop.
STORAGE_CLASSES: Final = ("DRAM", "SRAM", "regfile", "smartbuffer", "storage")
COMPUTE_CLASSES: Final = ("mac", "compute")
NETWORK_CLASSES: Final = ("XY_NoC", "Legacy", "ReductionTree", "SimpleMulticast")


def role_of(class_name: str) -> Role | None:
    """Tell what a component is to the model; None if it is nothing."""
    if any(part in class_name for part in STORAGE_CLASSES):
        return "storage"
    if any(part in class_name for part in COMPUTE_CLASSES):
        return "compute"
    if any(part in class_name for part in NETWORK_CLASSES):
        return "network"
    return None


def _node_part(node: Section) -> Part:
    """Choose what may stand at a node: the attributes themselves if it has none of that key."""
    words = (CLASS.read(node) or "", SUBCLASS.read(node) or "")
    if any(words) and all(role_of(word) is None for word in words):
        return _FOREIGN
    if any(words) and not NODE_ATTRIBUTES.given(node):
        return _BARE
    return _NODE


NODE_ATTRIBUTES: Final = anything("attributes", inside=ATTRIBUTES)
SUBTREE: Final = anything("subtree", inside=_node_part)
LOCAL: Final = anything("local", inside=_node_part)
NODES: Final = anything("nodes", inside=_node_part)
_BARE_PART: Final = ATTRIBUTES.and_(Part((NAME, CLASS)))
ARITHMETIC: Final = anything("arithmetic", inside=_BARE_PART)
STORAGE: Final = anything("storage", inside=_BARE_PART)

_COMMON: Final[tuple[Field[Any], ...]] = (
    NAME, CLASS, SUBCLASS, ENABLED, SPATIAL, SUBTREE, LOCAL, NODES,
    NODE_CONSTRAINTS, NODE_SPARSE,
    *elsewhere("actions that a component has to have, and scales of its figures", (
        "required_actions", "area_scale", "energy_scale", "networks",
    )),
)  # fmt: skip
_NODE: Final = Part((*_COMMON, NODE_ATTRIBUTES))
_BARE: Final = ATTRIBUTES.and_(_NODE)
#: A component that is left out: its attributes are its own affair.
_FOREIGN: Final = Part((*_COMMON, anything("attributes")), named=True)

ARCHITECTURE: Final = anything(
    "architecture",
    "arch",
    "architecture",
    inside=Part(
        (
            VERSION,
            NODES,
            SUBTREE,
            LOCAL,
            ARITHMETIC,
            STORAGE,
            ARCHITECTURE_TARGETS,
            NAME,
            NODE_ATTRIBUTES,
        )
    ),
)
