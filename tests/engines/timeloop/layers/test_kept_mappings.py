"""Mappings on disk: found once, tried anew when they are taken, and never a wrong one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines.timeloop.layers import _mapping_setting as setting
from hwsim.engines.timeloop.layers import kept_mappings
from hwsim.engines.timeloop.layers._layer_mapping import MappingCache
from hwsim.engines.timeloop.layers._layer_problem import layer_shape
from hwsim.engines.timeloop.layers.kept_mappings import KEPT_MAPPINGS, KeptMappings, code_version
from hwsim.engines.timeloop.layers.layer_weights import MappingVariant
from hwsim.engines.timeloop.mapper import side_by_side
from hwsim.result_cache import HITS
from tests.engines.timeloop.layers.small_layers import TINY, convolution, write

QUICK = TINY.replace("budget: 600", "budget: 40")
ONE, TWO, EIGHT = (MappingVariant(bits) for bits in (1, 2, 8))
SHAPE = layer_shape(convolution(np.ones((1, 6, 4, 3, 3)), (8, 8)))


@pytest.fixture(autouse=True)
def _on(tmp_path, monkeypatch):
    monkeypatch.setenv("HWSIM_NO_CACHE", "")
    monkeypatch.setenv("HWSIM_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def searches(monkeypatch):
    made = []
    search = side_by_side.found_together

    def counted(wanted, *is_ended):
        made.extend(each.problem for each in wanted)
        return search(wanted, *is_ended)

    monkeypatch.setattr(side_by_side, "found_together", counted)
    return made


def found(arch, variants=(EIGHT, ONE), shape=SHAPE):
    """As another process finds them: nothing is in memory."""
    cache = MappingCache()
    return {each: cache.find(arch, shape, each, variants) for each in variants}


def files():
    return sorted(KEPT_MAPPINGS.files(), key=lambda each: each.path)


def test_a_second_process_searches_nothing_and_has_the_same(tmp_path, searches):
    arch, before = load_arch(write(tmp_path, QUICK)), HITS["mappings"]
    first = found(arch)
    assert (len(searches), HITS["mappings"]) == (2, before)
    second = found(arch)
    assert (len(searches), HITS["mappings"]) == (2, before + 1)
    assert second == first


def test_variants_share_the_analysis_of_a_mapping_and_have_networks_of_their_own(
    tmp_path, monkeypatch
):
    arch = load_arch(write(tmp_path, QUICK))
    mapping = found(arch, (EIGHT,))[EIGHT].mapping
    analyse, analysed = setting.analyse_dense, []

    def counted(*given):
        analysed.append(given)
        return analyse(*given)

    monkeypatch.setattr(setting, "analyse_dense", counted)
    both = setting.MappingSetting.of_variants(arch, SHAPE, (EIGHT, ONE))
    wide, narrow = (each.analysed(mapping) for each in both)
    assert len(analysed) == 1
    assert (wide.tiles, wide.networks) != (narrow.tiles, narrow.networks)
    for each in both:
        alone = analyse(each.problem, each.machine, mapping)
        assert each.analysed(mapping).tiles == alone.tiles
        assert each.analysed(mapping).networks == alone.networks
        assert (
            each.evaluate(mapping).energy
            == setting.evaluate(each.problem, each.machine, mapping, each.sparse).energy
        )


def test_one_variant_is_kept_for_other_comparisons(tmp_path, searches):
    arch = load_arch(write(tmp_path, QUICK))
    alone = found(arch, (ONE,))  # the widest is looked at beside it
    assert len(searches) == 2
    assert found(arch, (ONE,)) == alone
    found(arch, (EIGHT, ONE))
    assert len(searches) == 2
    found(arch, (EIGHT, TWO, ONE))
    assert len(searches) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("budget: 40", "budget: 41"),
        ("budget: 40", "budget: 40, seed: 1"),
        ("budget: 40", "budget: 40, objective: delay"),
        ("value: 256", "value: 255"),
        ("value: 4, unit: PEs", "value: 2, unit: PEs"),
        ("node: 45 nm", "node: 32 nm"),
        ("activations: int8\n", "activations: int4\n"),
        ("partial_sums: int32\n", "partial_sums: int16\n"),
        ("{meshX: pes}}", "{meshX: pes}, constraints: {spatial: {factors: [C=1]}}}"),
        ("  weights: int8\n", "  weights: int6\n"),
    ],
)
def test_what_decides_the_search_makes_it_another(tmp_path, searches, old, new):
    assert old in QUICK
    found(load_arch(write(tmp_path, QUICK)), (ONE,))
    before = len(searches)
    found(load_arch(write(tmp_path, QUICK.replace(old, new, 1))), (ONE,))
    assert len(searches) > before


@pytest.mark.parametrize(
    ("old", "new"),
    [("name: tiny", "name: small"), ("clock: 500 MHz", "clock: 1 GHz"), ("a tiny", "another")],
)
def test_what_decides_nothing_changes_nothing(tmp_path, searches, old, new):
    found(load_arch(write(tmp_path, QUICK)))
    found(load_arch(write(tmp_path, QUICK.replace(old, new, 1))))
    assert len(searches) == 2


def test_another_shape_and_another_width_are_others(tmp_path, searches):
    arch = load_arch(write(tmp_path, QUICK))
    found(arch, (EIGHT,))
    bounds, _, dilation = SHAPE
    found(arch, (EIGHT,), (bounds, (2, 2), dilation))
    found(arch, (EIGHT,), ((*bounds[:-1], 7), *SHAPE[1:]))
    found(arch, (EIGHT._replace(weight_density=0.5),))
    assert len(searches) == 4


def test_other_code_finds_its_own(tmp_path, searches, monkeypatch):
    arch = load_arch(write(tmp_path, QUICK))
    found(arch, (EIGHT,))
    monkeypatch.setattr(kept_mappings, "_code", lambda: "other")
    found(arch, (EIGHT,))
    assert len(searches) == 2


def test_the_code_is_what_searches_and_evaluates(tmp_path, monkeypatch):
    code = kept_mappings._code.__wrapped__
    before = code()
    assert before == kept_mappings._code()
    monkeypatch.setattr(np, "__version__", "1")
    assert code() != before
    monkeypatch.undo()
    for name in kept_mappings._SEARCHING:
        without = [each for each in kept_mappings._SEARCHING if each != name]
        monkeypatch.setattr(kept_mappings, "_SEARCHING", without)
        assert code() != before
        monkeypatch.undo()


def _rewritten(**changes):
    """Entries with a right checksum and another content."""
    for each in files():
        content = json.loads(KEPT_MAPPINGS.get(each.key))
        KEPT_MAPPINGS.put(each.key, json.dumps(content | changes).encode())


def _copied():
    """The mappings of another entry under each name."""
    contents = [KEPT_MAPPINGS.get(each.key) for each in files()]
    for each, content in zip(files(), contents[1:] + contents[:1], strict=True):
        KEPT_MAPPINGS.put(each.key, content)


def _too_large():
    """All loops and tensors in the registers: a mapping of the map space that fits no machine."""
    for each in files():
        content = json.loads(KEPT_MAPPINGS.get(each.key))
        for mapping in content["mappings"]:
            inner = mapping["nests"][0][0]
            for factors, _, _ in mapping["nests"][1:]:
                for place, factor in enumerate(factors):
                    inner[place] *= factor
                    factors[place] = 1
            mapping["keep"] = [[1, 1, 1] for _ in mapping["keep"]]
        KEPT_MAPPINGS.put(each.key, json.dumps(content).encode())


def _truncated():
    for each in files():
        content = each.path.read_bytes()
        each.path.write_bytes(content[: len(content) // 2])


def _raw(content):
    def write_all():
        for each in files():
            KEPT_MAPPINGS.put(each.key, content)

    return write_all


@pytest.mark.parametrize(
    "damage",
    [
        _truncated,
        _raw(b""),
        _raw(b"\xff\xfe"),
        _raw(b"[" * 100_000),
        _raw(b"null"),
        _raw(b'"text"'),
        lambda: _rewritten(mappings=[]),
        lambda: _rewritten(mappings=None),
        lambda: _rewritten(mappings=[{"nests": [], "keep": []}] * 2),
        lambda: _rewritten(of_variants=[]),
        lambda: _rewritten(of_variants=[0, 0, 0]),
        lambda: _rewritten(of_variants=["0", "0"]),
        lambda: _rewritten(of_variants=[[], []]),
        _too_large,
    ],
)
def test_what_is_no_mapping_of_the_layer_is_searched_again_and_replaced(tmp_path, searches, damage):
    arch = load_arch(write(tmp_path, QUICK))
    first = found(arch)
    whole = [each.path.read_bytes() for each in files()]
    damage()
    assert [each.path.read_bytes() for each in files()] != whole
    assert found(arch) == first
    assert len(searches) == 4
    assert [each.path.read_bytes() for each in files()] == whole


def test_a_foreign_mapping_that_the_layer_may_have_gives_its_own_figures(tmp_path, searches):
    """Whoever puts one there by hand gets what it costs, and not what another one does."""
    arch = load_arch(write(tmp_path, QUICK))
    found(arch, (EIGHT,))
    [file] = files()
    content = json.loads(KEPT_MAPPINGS.get(file.key))
    nests = content["mappings"][0]["nests"]
    for factors, _, _ in nests[:-1]:
        for place, factor in enumerate(factors):
            nests[-1][0][place] *= factor
            factors[place] = 1
    KEPT_MAPPINGS.put(file.key, json.dumps(content).encode())
    worse = found(arch, (EIGHT,))[EIGHT]
    assert len(searches) == 1
    used = setting.MappingSetting.of(arch, SHAPE, EIGHT)
    assert used.evaluate(worse.mapping).compute.units == 1


def test_an_interrupted_search_is_not_kept(tmp_path, monkeypatch):
    arch = load_arch(write(tmp_path, QUICK))

    def interrupted(wanted, *is_ended):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(side_by_side, "found_together", interrupted)
        with pytest.raises(KeyboardInterrupt):
            found(arch)
    assert files() == []


def test_what_is_kept_is_summed_up_by_machine_and_version(tmp_path):
    assert kept_mappings.kept_mappings() == []
    found(load_arch(write(tmp_path, QUICK)))
    named = QUICK.replace("name: tiny", "name: small").replace("budget: 40", "budget: 30")
    found(load_arch(write(tmp_path, named)), (EIGHT,))
    sizes = {"tiny": 0, "small": 0}
    for each in files():
        sizes[json.loads(KEPT_MAPPINGS.get(each.key))["machine"]] += each.size
    assert kept_mappings.kept_mappings() == [
        KeptMappings("small", code_version(), 1, sizes["small"]),
        KeptMappings("tiny", code_version(), 3, sizes["tiny"]),
    ]
    for each in files():
        each.path.write_bytes(b"x")
    assert kept_mappings.kept_mappings() == [KeptMappings("damaged", "", 4, 4)]


_COMPARING = """
import sys
from hwsim.arch import load_arch
from hwsim.engines.timeloop.layers._layer_mapping import MappingCache
from hwsim.engines.timeloop.mapper import side_by_side
from tests.engines.timeloop.layers import test_kept_mappings as tests

made, search = [], side_by_side.found_together
def counted(wanted, *is_ended):
    made.extend(wanted)
    return search(wanted, *is_ended)
side_by_side.found_together = counted
arch = load_arch(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
found = MappingCache().find(arch, tests.SHAPE, tests.ONE, (tests.EIGHT, tests.TWO, tests.ONE))
print(len(made), repr(found.mapping), flush=True)
"""


@pytest.mark.outside
def test_processes_that_compare_the_same_share_the_searches(tmp_path):
    path = write(tmp_path, TINY.replace("budget: 600", "budget: 400"))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    call = [sys.executable, "-c", _COMPARING, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with ExitStack() as stack:
        both = [
            stack.enter_context(subprocess.Popen(call, env=environment, **pipes)) for _ in range(2)
        ]
        for each in both:
            assert each.stdout.readline() == "ready\n"
        for each in both:
            each.stdin.write("\n")
            each.stdin.flush()
        told = [each.communicate(timeout=60)[0].split(" ", 1) for each in both]
    assert sum(int(count) for count, _ in told) == 3
    assert told[0][1] == told[1][1]
