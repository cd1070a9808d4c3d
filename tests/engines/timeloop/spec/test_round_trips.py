"""What is written is read back as it was: every root, in both layouts, for drawn content."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.engines.timeloop.density.banded_density import Banded
from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.engines.timeloop.spec import (
    read_inputs,
    read_machine,
    read_mapping,
    read_problem,
    read_sparse,
)
from hwsim.engines.timeloop.spec._yaml_text import load_yaml, yaml_text
from hwsim.engines.timeloop.spec.architecture import architecture_document
from hwsim.engines.timeloop.spec.constraints import constraint_document, read_constraints
from hwsim.engines.timeloop.spec.layout import version_of
from hwsim.engines.timeloop.spec.mapper_section import mapper_document, read_metric
from hwsim.engines.timeloop.spec.mapping import mapping_document
from hwsim.engines.timeloop.spec.problem import problem_document
from hwsim.engines.timeloop.spec.sparse import sparse_document, widened
from hwsim.engines.timeloop.spec.tables import area_document, energy_document
from hwsim.engines.timeloop.terms.constraints import Constraints, SlotConstraint
from hwsim.engines.timeloop.terms.denials import DENIALS
from hwsim.engines.timeloop.terms.formats import COMPRESSING, FORMATS, RankFormat, Representation
from hwsim.engines.timeloop.terms.machine import (
    COMPUTE_ACTIONS,
    STORAGE_ACTIONS,
    ComputeLevel,
    Interconnect,
    Machine,
    Mesh,
    StorageLevel,
)
from hwsim.engines.timeloop.terms.mapping import LevelMapping, Loop, LoopMapping
from hwsim.engines.timeloop.terms.problem import DataSpace, Problem
from hwsim.engines.timeloop.terms.sparse_spec import Condition, Saving, SparseOptimizations

SPACES = ("Weights", "Inputs", "Outputs")
LAYOUTS = ["v0.3", "v0.4"]

prices = st.floats(0, 1e6).map(lambda price: round(price, 3))
rates = st.none() | st.floats(0.125, 512)
counts = st.integers(1, 64)
some_spaces = st.lists(st.sampled_from(SPACES), unique=True)
per_space = st.dictionaries(st.sampled_from(SPACES), st.integers(1, 64))


def reread(*documents):
    """Merge documents as they are after a way through YAML."""
    merged = {}
    for document in documents:
        merged |= load_yaml(yaml_text(document))[1]
    section = read_inputs(merged)
    assert section.origin.unknown == {}
    return section


@st.composite
def networks(draw, name, implied):
    mesh = {
        "router_energy": draw(prices),
        "ingress_energy": draw(prices),
        "wire_energy": draw(prices),
        "energy_per_hop": draw(st.none() | prices),
        "tile_width": draw(st.none() | prices),
        "distributes": draw(st.booleans()),
    }
    word_bits, fill = draw(counts), draw(st.integers(0, 9))
    if implied is not None:
        drain = draw(st.integers(0, 9))
        return Interconnect(
            name=implied, word_bits=word_bits, fill_latency=fill, drain_latency=drain, **mesh
        )
    common = {
        "name": name, "word_bits": word_bits, "fill_latency": fill, "drain_latency": fill,
    }  # fmt: skip
    kind = draw(st.sampled_from(["Legacy", "ReductionTree", "SimpleMulticast"]))
    if kind == "Legacy":
        return Interconnect(**common, **mesh)
    if kind == "ReductionTree":
        return Interconnect(
            **common, kind=kind, wire_energy=draw(prices), adder_energy=draw(prices)
        )
    entries = tuple(({"factor": n}, draw(prices)) for n in range(draw(st.integers(1, 3))))
    return Interconnect(
        **common,
        kind=kind,
        action="multicast",
        factor_argument=draw(st.none() | st.just("factor")),
        by_data_space=draw(st.booleans()),
        table={"multicast": entries},
    )


@st.composite
def levels(draw, number, names, inner, mesh, layout):
    name, count = names[number], len(names)
    dram = number == count - 1 and draw(st.booleans())
    cluster = 1 if dram else draw(st.sampled_from([d for d in (1, 2) if mesh.instances % d == 0]))
    energy = {action: draw(prices) for action in STORAGE_ACTIONS}
    width = draw(st.sampled_from([0, 8, 48]))
    unlimited = dram and draw(st.booleans())
    depth = 0 if not width or (unlimited and layout == "v0.4") else draw(st.integers(0, 512))
    if layout == "v0.4" and unlimited:
        width = 0
    unit = draw(st.sampled_from([1, 4, 8])) if width else 0
    read = draw(networks(f"{name}_read", draw(st.sampled_from([None, f"{name} <==> {inner}"]))))
    update = draw(st.just(read) | networks(f"{name}_update", None))
    on_wires = draw(st.just({}) | per_space)
    return StorageLevel(
        name=name,
        dram=dram,
        mesh=mesh,
        size=None if unlimited else draw(st.integers(1, 4096)),
        word_bits=draw(counts),
        block_size=draw(st.integers(1, 8)),
        cluster_size=cluster,
        metadata_bits=width * depth,
        metadata_width=width,
        metadata_depth=depth,
        default_metadata_word_bits=unit,
        read_bandwidth=draw(rates),
        write_bandwidth=draw(rates),
        shared_bandwidth=draw(rates),
        bandwidth_scale=draw(st.dictionaries(st.sampled_from(SPACES), st.floats(0.125, 8))),
        multiple_buffering=draw(st.floats(0.5, 4)),
        min_utilization=draw(st.floats(0, 1)),
        accumulates=draw(st.booleans()),
        decompresses=draw(st.booleans()),
        compresses=draw(st.booleans()),
        read_network=replace(read, bits=on_wires),
        update_network=replace(update, bits=on_wires),
        power_gated_at=draw(st.sampled_from(names)),
        energy=energy,
        energy_source="ERT",
        addr_gen_energy=draw(st.none() | prices),
        area=draw(prices),
        vector_access_energy=max(energy.values()) / cluster,
        bits=draw(st.just({}) | per_space),
        class_name="DRAM" if dram else draw(st.sampled_from(["SRAM", "regfile", "smartbuffer"])),
    )


@st.composite
def machines(draw, layout):
    count = draw(st.integers(1, 4))
    mesh, meshes = Mesh(1, 1), []
    for _ in range(count + 1):
        mesh = Mesh(mesh.columns * draw(st.integers(1, 3)), mesh.rows * draw(st.integers(1, 3)))
        meshes.append(mesh)
    *storage, of_compute = meshes
    names = [f"Level{number}" for number in range(count)]
    found = []
    for number in range(count):
        inner = names[number - 1] if number else "MAC"
        found.append(draw(levels(number, names, inner, storage[-1 - number], layout)))
    compute = ComputeLevel(
        "MAC", of_compute, draw(counts), {a: draw(prices) for a in COMPUTE_ACTIONS}, draw(prices)
    )
    return Machine(compute, tuple(found))


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=25)
@given(data=st.data())
def test_machines_and_tables(layout, data):
    machine = data.draw(machines(layout))
    version = version_of(layout)
    read = reread(
        architecture_document(machine, layout),
        energy_document(machine, version),
        area_document(machine, version),
    )
    assert read_machine(read, SPACES) == machine


@st.composite
def problems(draw):
    dimensions = tuple("GMCRSPQ"[: draw(st.integers(1, 7))])
    bounds = tuple(draw(st.integers(1, 12)) for _ in dimensions)
    spaces, densities = [], []
    for name in SPACES:
        steps = st.lists(
            st.sampled_from([0, 0, 1, 1, 2, 3]), min_size=len(dimensions), max_size=len(dimensions)
        ).filter(any)
        rows = np.array(draw(st.lists(steps, min_size=1, max_size=4)), dtype=np.int64)
        if name == "Outputs":  # a dimension of the result stands in one of its ranks
            rows[np.cumsum(rows != 0, axis=0) > 1] = 0
            rows = rows[rows.any(axis=1)]
        space = DataSpace(name, rows, name == "Outputs")
        share = draw(st.floats(0, 1))
        density = draw(
            st.sampled_from([FixedStructured(share), Hypergeometric(share), FixedStructured(1.0)])
        )
        box = space.box(bounds)
        if len(box) == 2 and box[0] == box[1]:
            bands = st.integers(0, min(4, int(box[0]) - 1))  # narrower than there are rows
            density = draw(st.just(density) | st.builds(Banded, bands))
        spaces.append(space)
        densities.append(density.of_tensor(box))
    return Problem(dimensions, bounds, tuple(spaces), tuple(densities))


def as_text(problem):
    spaces = [(s.name, s.projection.tolist(), s.read_write) for s in problem.data_spaces]
    return problem.dimensions, problem.bounds, spaces, [repr(d) for d in problem.densities]


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=25)
@given(problem=problems())
def test_problems(layout, problem):
    document = problem_document(problem, version_of(layout))
    assert as_text(read_problem(reread(document))) == as_text(problem)


def machine_of(fanouts):
    """Levels without anything of their own, outermost first, and columns and rows inside each."""
    names = [f"Level{number}" for number in reversed(range(len(fanouts)))]
    nodes = []
    for name, (columns, rows) in zip(names, fanouts, strict=True):
        nodes.append({"name": name, "class": "DRAM", "attributes": {"metadata_width": 48}})
        nodes.append({"name": f"below_{name}", "spatial": {"meshX": columns, "meshY": rows}})
    nodes.append({"name": "MAC", "class": "intmac"})
    return read_machine(read_inputs({"architecture": {"nodes": nodes}}), SPACES)


fan_outs = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=3)
PROJECTION = np.eye(3, dtype=np.int64)


def problem_of(bounds):
    spaces = tuple(DataSpace(name, PROJECTION, name == "Outputs") for name in SPACES)
    return Problem(("M", "N", "K"), bounds, spaces, (FixedStructured(1.0),) * 3)


@st.composite
def mappings(draw, machine):
    flags = st.tuples(st.booleans(), st.booleans(), st.booleans())

    def loops(kinds):
        found = []
        for dimension, kind in zip(draw(st.permutations(range(3))), kinds, strict=True):
            end = draw(st.integers(1, 4))
            found.append(Loop(dimension, end, draw(st.integers(1, end)), kind))
        return tuple(found)

    below = []
    for number in range(len(machine.levels)):
        split = draw(st.integers(0, 3))
        spatial = loops(["x"] * split + ["y"] * (3 - split)) if machine.has_fanout(number) else ()
        denied = {denial.name: draw(flags) for denial in DENIALS}
        if not spatial:
            denied |= dict.fromkeys(("no_multicast", "no_link_transfer"), (False,) * 3)
        below.append(LevelMapping(spatial, loops(["time"] * 3), draw(flags), **denied))
    last = [0, 0, 0]
    for level in reversed(below):
        for loop in reversed(level.loops):
            last[loop.dimension] = last[loop.dimension] * loop.end + loop.residual - 1
    return problem_of(tuple(place + 1 for place in last)), LoopMapping(tuple(below))


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=25)
@given(data=st.data())
def test_mappings(layout, data):
    machine = machine_of(data.draw(fan_outs))
    problem, mapping = data.draw(mappings(machine))
    read = reread(
        mapping_document(problem, machine, mapping, layout),
        architecture_document(machine, layout),
    )
    assert read_mapping(read, problem, machine) == mapping


@st.composite
def slots(draw, problem):
    factors = st.dictionaries(st.sampled_from("MNK"), st.integers(1, 6), max_size=3)
    fixed = {
        name: factor
        for name, factor in draw(factors).items()
        if factor <= problem.bounds["MNK".index(name)]
    }
    order = draw(st.permutations("MNK"))[: draw(st.integers(0, 3))]
    return SlotConstraint(
        fixed, draw(factors), draw(factors), list(order), [], draw(st.none() | st.integers(0, 3))
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=25)
@given(data=st.data())
def test_constraints(layout, data):
    machine = machine_of(data.draw(fan_outs))
    problem = problem_of(data.draw(st.tuples(counts, counts, counts)))
    constraints = Constraints(least_parallelism=data.draw(st.sampled_from([0.0, 0.5, 1.0])))
    for level in range(len(machine.levels)):
        kinds = ["temporal", "spatial"] if machine.has_fanout(level) else ["temporal"]
        for kind in kinds:
            constraints.slots[level, kind] = data.draw(slots(problem))
        for space in data.draw(st.sets(st.integers(0, 2))):
            constraints.keep[level, space] = data.draw(st.booleans())
        for denial in DENIALS:
            denied = data.draw(st.sets(st.integers(0, 2)))
            if denied and denial.kind in {*kinds, "dataspace"}:
                constraints.denied[level, denial.name] = denied
    document = constraint_document(problem, machine, constraints, layout)
    read = reread(document, architecture_document(machine, layout))
    found = read_constraints(read, problem, machine)
    assert found.notes == []
    empty = SlotConstraint()
    for each in (found, constraints):
        each.slots = {place: slot for place, slot in each.slots.items() if slot != empty}
    assert found == constraints


@st.composite
def representations(draw, width):
    bits = st.sampled_from([n for n in range(1, 24) if widened(n, width) <= width])
    formats = draw(st.lists(st.sampled_from(FORMATS), min_size=1, max_size=4))
    formats.sort(key=lambda name: name not in COMPRESSING)  # innermost first
    ranks = tuple(
        RankFormat(
            name,
            widened(draw(bits), width),
            widened(draw(bits), width),
            tuple(draw(st.lists(st.frozensets(st.integers(0, 2), min_size=1), max_size=2))),
        )
        for name in formats
    )
    return Representation(ranks, draw(st.booleans()))


@st.composite
def savings(draw):
    options = []
    for _ in range(draw(st.integers(1, 2))):
        target, *others = draw(st.permutations(range(3)))
        options.append(Condition(target, tuple(others[: draw(st.integers(1, 2))])))
    kind = draw(st.sampled_from(["gating", "skipping", "skipping_spatial"]))
    return Saving(kind, tuple(options[:1] if kind == "skipping_spatial" else options))


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=25)
@given(data=st.data())
def test_sparse_optimizations(layout, data):
    machine = machine_of(data.draw(fan_outs))
    problem = problem_of((4, 4, 4))
    stored, saved = {}, {}
    for level in range(len(machine.levels)):
        for space in data.draw(st.sets(st.integers(0, 2))):
            stored[level, space] = data.draw(representations(48))
        found = data.draw(st.lists(savings(), max_size=2))
        if found:
            saved[level] = tuple(found)
    sparse = SparseOptimizations(
        listed=True,
        representations=stored,
        savings=saved,
        compute_gates=data.draw(st.booleans()),
        compute_skips=data.draw(st.booleans()),
        any=True,
    )
    document = sparse_document(problem, machine, sparse, version_of(layout))
    read = reread(document, architecture_document(machine, layout))
    back = read_sparse(read, problem, machine)
    if not (stored or saved or sparse.compute_gates or sparse.compute_skips):
        assert back.savings == {0: ()}
        return
    assert back == sparse


@pytest.mark.parametrize("objective", ["energy", "delay", "edp"])
def test_the_objective(objective):
    for version in (None, 0.4):
        notes = []
        read = reread(mapper_document(objective, 100, version))
        assert read_metric(read, ("energy", "delay", "edp"), notes) == objective
        assert notes == []


def test_the_search_goes_as_hwsims_own_does_and_only_a_layout_with_versions_gets_one():
    (root,) = mapper_document("edp", 100).values()
    assert root == {
        "optimization_metrics": ["edp"],
        "search_size": 100,
        "algorithm": "random_pruned",
        "num_threads": 1,
        "victory_condition": 0,
    }
    (root,) = mapper_document("edp", 100, 0.4).values()
    assert root["version"] == 0.4


@pytest.mark.parametrize(
    ("mapper", "objective", "notes"),
    [
        ({"optimization_metrics": ["accesses", "edp", "delay"]}, "edp", ["accesses"]),
        ({"optimization_metric": "delay"}, "delay", []),
        ({"optimization_metrics": ["energy"], "optimization_metric": "delay"}, "energy", []),
        ({"search_size": 3}, None, []),
        ({"optimization_metrics": []}, None, []),
    ],
)
def test_the_first_objective_that_is_known_holds(mapper, objective, notes):
    found = []
    assert read_metric(reread({"mapper": mapper}), ("energy", "delay", "edp"), found) == objective
    assert found == [f"mapper: the metric {name!r} is not used, {objective!r} is" for name in notes]


def test_inputs_without_a_mapper_ask_for_no_objective():
    assert read_metric(reread({"problem": {}}), ("edp",), []) is None
