"""Weight repetition: UCNN and SumMerge, counted exactly for the weights at hand."""

from hwsim.engines.repetition.dot_product import count_dot_products
from hwsim.engines.repetition.jumps import JumpTable, smallest_jump_table
from hwsim.engines.repetition.level_codes import MOST_LEVELS, LevelCodes
from hwsim.engines.repetition.methods import AS_THEY_ARE, METHODS, TILED, count_all
from hwsim.engines.repetition.operations import Operations
from hwsim.engines.repetition.sum_merge import count_sum_merge
from hwsim.engines.repetition.tile_search import Counted, GroupedCodes, best_tiles, fewest
from hwsim.engines.repetition.tuples import MergedGroups, Tile, merged_groups
from hwsim.engines.repetition.ucnn import count_ucnn

__all__ = [
    "AS_THEY_ARE",
    "METHODS",
    "MOST_LEVELS",
    "TILED",
    "Counted",
    "GroupedCodes",
    "JumpTable",
    "LevelCodes",
    "MergedGroups",
    "Operations",
    "Tile",
    "best_tiles",
    "count_all",
    "count_dot_products",
    "count_sum_merge",
    "count_ucnn",
    "fewest",
    "merged_groups",
    "smallest_jump_table",
]
