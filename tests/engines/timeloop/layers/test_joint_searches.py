"""Layers that are foreseen are searched together; what is found is what each finds alone."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines.timeloop.layers import SparseloopEngine, _layer_mapping
from hwsim.engines.timeloop.layers._joint_searches import JointSearches, SoughtMapping
from hwsim.engines.timeloop.layers._layer_mapping import MappingCache
from hwsim.engines.timeloop.layers._layer_problem import layer_shape
from hwsim.engines.timeloop.layers.kept_mappings import KEPT_MAPPINGS
from hwsim.engines.timeloop.layers.layer_weights import MappingVariant
from hwsim.engines.timeloop.mapper import side_by_side
from hwsim.errors import EngineError, InputError
from tests.engines.timeloop.layers.small_layers import TINY, convolution, write

QUICK = TINY.replace("budget: 600", "budget: 40")
EIGHT, ONE = MappingVariant(8), MappingVariant(1)
#: Three that differ in filters, and one of a window.
SHAPES = [layer_shape(convolution(np.ones((1, m, 2, 1, 1)))) for m in (4, 6, 8)]
WINDOW = layer_shape(convolution(np.ones((1, 4, 2, 3, 3))))


@pytest.fixture
def arch(tmp_path, monkeypatch):
    monkeypatch.setenv("HWSIM_NO_CACHE", "")
    monkeypatch.setenv("HWSIM_CACHE_DIR", str(tmp_path / "cache"))
    return load_arch(write(tmp_path, QUICK))


@pytest.fixture
def groups(monkeypatch):
    """Filters of what was searched together."""
    made = []
    search = side_by_side.found_together

    def counted(wanted, *is_ended):
        made.append([each.problem.bounds[1] for each in wanted])
        return search(wanted, *is_ended)

    monkeypatch.setattr(side_by_side, "found_together", counted)
    return made


@pytest.fixture
def cache(monkeypatch):
    """As on a machine of one core."""
    monkeypatch.setattr(_layer_mapping, "core_count", lambda: 1)
    return MappingCache()


def test_those_alike_go_together_and_find_what_they_find_alone(arch, groups, cache):
    cache.foresee(arch, [(shape, (EIGHT,)) for shape in (*SHAPES, WINDOW, SHAPES[0])])
    together = [cache.find(arch, shape, EIGHT) for shape in (*SHAPES, WINDOW)]
    assert groups == [[4, 6, 8], [4]]
    for file in KEPT_MAPPINGS.files():
        file.path.unlink()
    assert together == [MappingCache().find(arch, shape, EIGHT) for shape in (*SHAPES, WINDOW)]
    assert groups[2:] == [[4], [6], [8], [4]]


def test_what_went_along_is_kept_at_once(arch, groups, cache):
    cache.foresee(arch, [(shape, (EIGHT,)) for shape in SHAPES])
    cache.find(arch, SHAPES[1], EIGHT)
    assert groups == [[6, 4, 8]]
    assert len([*KEPT_MAPPINGS.files()]) == 3
    for shape in SHAPES:
        MappingCache().find(arch, shape, EIGHT)
    assert len(groups) == 1


def test_what_is_kept_does_not_go_along(arch, groups, cache):
    MappingCache().find(arch, SHAPES[2], EIGHT)
    cache.foresee(arch, [(shape, (EIGHT,)) for shape in SHAPES])
    cache.find(arch, SHAPES[0], EIGHT)
    assert groups == [[8], [4, 6]]


def test_variants_are_compared_after_each_was_searched_with_its_like(arch, groups, cache):
    cache.foresee(arch, [(shape, (EIGHT, ONE)) for shape in SHAPES])
    found = [cache.find(arch, shape, ONE, (EIGHT, ONE)) for shape in SHAPES]
    assert groups == [[4, 6, 8], [4, 6, 8]]
    for file in KEPT_MAPPINGS.files():
        file.path.unlink()
    assert found == [MappingCache().find(arch, shape, ONE, (EIGHT, ONE)) for shape in SHAPES]


def test_what_is_said_anew_of_a_machine_takes_the_place_of_what_was_said(arch, groups, cache):
    cache.foresee(arch, [(shape, (EIGHT,)) for shape in SHAPES])
    cache.foresee(arch, [(SHAPES[1], (EIGHT,))])
    cache.find(arch, SHAPES[0], EIGHT)
    assert groups == [[4, 6]]


@pytest.mark.parametrize(("slots", "together"), [(1, 8), (2, 6), (4, 3), (100, 1)])
def test_a_share_of_what_is_left_goes_so_that_all_end_together(arch, monkeypatch, slots, together):
    made = []
    searches = JointSearches(lambda _: False, slots)
    sought = [
        SoughtMapping(arch, layer_shape(convolution(np.ones((1, m, 2, 1, 1)))), EIGHT)
        for m in range(2, 14)
    ]
    searches.foresee(arch, sought)
    searches.forget(sought[0])

    class Searches:
        def search(self, wanted):
            made.append(len(wanted))
            return [None] * len(wanted)

    monkeypatch.setattr("hwsim.engines.timeloop.layers._joint_searches.SEARCHES", Searches())
    assert searches.find(sought[0]) is None
    assert made == [together]
    assert len(searches._found) == together - 1
    assert [*searches.along()] == sought[1:together]
    assert [*searches.along()] == []


def test_one_that_fits_nowhere_is_said_of_its_layer_alone(tmp_path, groups, cache):
    text = QUICK.replace("value: 32, unit: words", "value: 4, unit: words")
    small = load_arch(write(tmp_path, text.replace("value: 256", "value: 1")))
    fits, not_there = [], []
    for shape in SHAPES:
        try:
            MappingCache().find(small, shape, EIGHT)
            fits.append(shape)
        except InputError as error:
            not_there.append((shape, str(error)))
    cache.foresee(small, [(shape, (EIGHT,)) for shape in SHAPES])
    for shape in fits:
        cache.find(small, shape, EIGHT)
    for shape, said in not_there:
        with pytest.raises(InputError) as found:
            cache.find(small, shape, EIGHT)
        assert str(found.value) == said


def test_why_there_is_none_is_found_once(tmp_path, groups, cache):
    """Of 7 filters, which the spec has no room for, and which went along with 4."""
    text = QUICK.replace("value: 32, unit: words", "value: 4, unit: words")
    small = load_arch(write(tmp_path, text.replace("value: 256", "value: 1")))
    cache.foresee(small, [(shape, (EIGHT,)) for shape in SHAPES])
    for shape in SHAPES:
        with suppress(InputError):
            cache.find(small, shape, EIGHT)
    assert sum(map(len, groups)) == len(SHAPES)
    assert not cache._searches._found


def test_what_is_in_memory_is_not_searched_along(tmp_path, groups, cache, monkeypatch):
    monkeypatch.setenv("HWSIM_NO_CACHE", "1")
    arch = load_arch(write(tmp_path, QUICK))
    for shapes in ((SHAPES[0], SHAPES[1]), SHAPES, SHAPES):
        cache.foresee(arch, [(shape, (EIGHT,)) for shape in shapes])
        for shape in shapes:
            cache.find(arch, shape, EIGHT)
        cache.foresee(arch, [])
    assert groups == [[4, 6], [8]]
    assert not cache._searches._found
    assert not any(cache._searches._foreseen.values())


def test_what_nobody_asks_for_is_let_go_and_other_machines_stay(arch, groups, cache, tmp_path):
    other = load_arch(write(tmp_path, QUICK.replace("budget: 40", "budget: 30")))
    cache.foresee(arch, [(shape, (EIGHT,)) for shape in (*SHAPES, WINDOW)])
    cache.foresee(other, [(shape, (EIGHT,)) for shape in SHAPES])
    cache._searches.find(SoughtMapping(arch, SHAPES[0], EIGHT))
    assert len(cache._searches._found) == 2
    cache.foresee(arch, [])
    assert not cache._searches._found
    assert [len(each) for each in cache._searches._foreseen.values()] == [3]


def test_two_that_search_for_one_mapping_disturb_each_other_in_nothing(arch, monkeypatch):
    """While it is searched somebody foresees it anew, and takes it along in what is then ended."""
    searches = JointSearches(lambda _: False, 1)
    one, two = (SoughtMapping(arch, shape, EIGHT) for shape in SHAPES[:2])
    found = object()

    class Searches:
        def search(self, wanted):
            if len(wanted) == 2:
                raise EngineError("ended")
            searches.foresee(arch, [one, two])
            with pytest.raises(EngineError):
                searches._search(two, Future())
            return [found]

    monkeypatch.setattr("hwsim.engines.timeloop.layers._joint_searches.SEARCHES", Searches())
    assert searches.find(one) is found
    assert not searches._found


def test_an_interrupted_search_leaves_nothing_behind(arch, groups, cache, monkeypatch):
    cache.foresee(arch, [(shape, (EIGHT,)) for shape in SHAPES])

    def interrupted(wanted, *is_ended):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(side_by_side, "found_together", interrupted)
        with pytest.raises(KeyboardInterrupt):
            cache.find(arch, SHAPES[0], EIGHT)
    assert [*KEPT_MAPPINGS.files()] == []
    for shape in SHAPES:
        assert cache.find(arch, shape, EIGHT).mapping.levels
    assert groups == [[4], [6], [8]]


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_threads_wait_for_what_went_along_and_for_nothing_else(arch, groups, threads):
    """Each asks for a comparison; some for what another has taken along, or is finding."""
    cache = MappingCache()
    shapes = [layer_shape(convolution(np.ones((1, m, c, 1, 1)))) for m in (2, 4, 6) for c in (2, 3)]
    cache.foresee(arch, [(shape, (EIGHT, ONE)) for shape in shapes])
    asked = [(shape, each) for shape in shapes for each in (EIGHT, ONE)]
    with ThreadPoolExecutor(threads) as pool:
        found = list(
            pool.map(lambda one: cache.find(arch, one[0], one[1], (EIGHT, ONE)), asked, timeout=60)
        )
    assert sum(map(len, groups)) == len(asked)
    alone = MappingCache()
    assert found == [alone.find(arch, shape, each, (EIGHT, ONE)) for shape, each in asked]


def test_who_waits_searches_for_something_else(arch, groups, cache, monkeypatch):
    search = side_by_side.found_together
    cache.foresee(arch, [(shape, (EIGHT,)) for shape in (*SHAPES, WINDOW)])

    def slow(wanted, *is_ended):
        if len(wanted) == 3:
            time.sleep(0.5)
        return search(wanted, *is_ended)

    monkeypatch.setattr(side_by_side, "found_together", slow)
    monkeypatch.setattr(side_by_side, "_WORTH_A_PROCESS", 10**9)
    monkeypatch.setattr("hwsim.engines.timeloop.layers._joint_searches.SEARCHES.search", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.find, arch, SHAPES[0], EIGHT)
        time.sleep(0.2)
        second = pool.submit(cache.find, arch, SHAPES[1], EIGHT)
        time.sleep(0.2)
        assert not first.done()
        assert not any(cache._searches._foreseen.values())  # who waits has taken the window
        first.result(60)
        second.result(60)
    assert [*KEPT_MAPPINGS.files()] != []


def test_the_engine_takes_shapes_and_widths_from_outlines(arch, groups, cache, monkeypatch):
    monkeypatch.setattr("hwsim.engines.timeloop.layers.engine.MAPPINGS", cache)
    layers = [convolution(np.ones((1, m, 2, 1, 1))) for m in (4, 6, 8)]
    engine = SparseloopEngine()
    assert engine.foresees
    engine.foresee(layers, arch)
    for layer in layers:
        engine.simulate(layer, arch)
    assert groups == [[4, 6, 8]]
