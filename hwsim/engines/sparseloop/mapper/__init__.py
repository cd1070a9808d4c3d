"""The mapper: a search over the ways to run a problem on a machine, scored in batches."""

from hwsim.engines.sparseloop.mapper.constraints import Constraints, SlotConstraint
from hwsim.engines.sparseloop.mapper.mapper import FoundMapping, find_mapping, search_mapping
from hwsim.engines.sparseloop.mapper.mapspace import MapSpace
from hwsim.engines.sparseloop.mapper.objective import Budget
from hwsim.engines.sparseloop.mapper.search import Progress

__all__ = [
    "Budget",
    "Constraints",
    "FoundMapping",
    "MapSpace",
    "Progress",
    "SlotConstraint",
    "find_mapping",
    "search_mapping",
]
