"""Each mapping is searched once, and an interrupted search is none."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hwsim.arch import load_arch
from hwsim.engines.timeloop.layers._layer_mapping import MappingCache
from hwsim.engines.timeloop.layers._layer_problem import layer_shape
from hwsim.engines.timeloop.layers.layer_weights import MappingVariant
from hwsim.engines.timeloop.mapper import side_by_side
from tests.engines.timeloop.layers.small_layers import TINY, convolution, random_mask, write

QUICK = TINY.replace("budget: 600", "budget: 20")
EIGHT, ONE = MappingVariant(8), MappingVariant(1)


def shape(filters=4):
    return layer_shape(convolution(random_mask((1, filters, 2, 1, 1), 1.0)))


@pytest.fixture
def searches(monkeypatch):
    """The shapes that were searched."""
    made = []
    search = side_by_side.found_together

    def counted(wanted, *is_ended):
        made.extend(each.problem for each in wanted)
        return search(wanted, *is_ended)

    monkeypatch.setattr(side_by_side, "found_together", counted)
    return made


def test_threads_that_ask_for_one_mapping_wait_for_one_search(tmp_path, searches):
    cache, arch = MappingCache(), load_arch(write(tmp_path, QUICK))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: cache.find(arch, shape(), EIGHT), range(8)))
    assert len(searches) == 1
    assert all(mapped is found[0] for mapped in found)


def test_an_edited_spec_is_another_machine(tmp_path, searches):
    cache = MappingCache()
    before = cache.find(load_arch(write(tmp_path, QUICK)), shape(), EIGHT)
    edited = QUICK.replace("value: 4, unit: PEs", "value: 2, unit: PEs")
    after = cache.find(load_arch(write(tmp_path, edited)), shape(), EIGHT)
    assert (before.machine.fanout(1), after.machine.fanout(1)) == ((4, 1), (2, 1))
    assert len(searches) == 2


def test_only_so_many_are_kept_and_the_oldest_go(tmp_path, searches):
    cache, arch = MappingCache(most=2), load_arch(write(tmp_path, QUICK))
    for filters in (1, 2, 3, 3, 2, 1):
        cache.find(arch, shape(filters), EIGHT)
    assert len(searches) == 4


def test_a_search_that_is_interrupted_is_made_again(tmp_path, monkeypatch):
    cache, arch = MappingCache(), load_arch(write(tmp_path, QUICK))

    def interrupted(wanted, *is_ended):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(side_by_side, "found_together", interrupted)
        with pytest.raises(KeyboardInterrupt):
            cache.find(arch, shape(), EIGHT)
    assert cache.find(arch, shape(), EIGHT).mapping.levels
