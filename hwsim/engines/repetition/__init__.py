"""Weight repetition: UCNN and SumMerge, counted exactly for the weights at hand."""

from hwsim.engines.repetition.dot_product import count_dot_products
from hwsim.engines.repetition.level_codes import MOST_LEVELS, LevelCodes
from hwsim.engines.repetition.methods import METHODS
from hwsim.engines.repetition.operations import Operations
from hwsim.engines.repetition.sum_merge import count_sum_merge
from hwsim.engines.repetition.tile_search import Counted, GroupedCodes, best_tile
from hwsim.engines.repetition.tuples import MergedGroups, Tile, merged_groups
from hwsim.engines.repetition.ucnn import count_ucnn

__all__ = [
    "METHODS",
    "MOST_LEVELS",
    "Counted",
    "GroupedCodes",
    "LevelCodes",
    "MergedGroups",
    "Operations",
    "Tile",
    "best_tile",
    "count_dot_products",
    "count_sum_merge",
    "count_ucnn",
    "merged_groups",
]
