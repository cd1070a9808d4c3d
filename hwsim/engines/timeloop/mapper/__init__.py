"""The mapper: a search over the ways to run a problem on a machine, scored in batches."""

from hwsim.engines.timeloop.mapper.found_mapping import FoundMapping
from hwsim.engines.timeloop.mapper.mapper import find_mapping, search_mapping
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.mapper.objective import Budget
from hwsim.engines.timeloop.mapper.search import Progress
from hwsim.engines.timeloop.terms.constraints import Constraints, SlotConstraint

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
