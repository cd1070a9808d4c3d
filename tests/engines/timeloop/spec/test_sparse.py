"""Units of metadata fill rows of the metadata storage without gaps, and are written so."""

from dataclasses import replace

import pytest

from hwsim.engines.timeloop.spec import read_inputs, read_machine, read_problem, read_sparse
from hwsim.engines.timeloop.spec.sparse import sparse_document, widened
from hwsim.engines.timeloop.terms.formats import RankFormat, Representation
from hwsim.errors import InputError
from tests.engines.timeloop.designs import gemm, three_levels


def read(rank):
    """Store B in DRAM, whose metadata lie in rows of 16 bits, with one rank."""
    space = {"name": "B", "ranks": [rank]}
    target = {"name": "DRAM", "representation_format": {"data_spaces": [space]}}
    given = {
        "architecture": three_levels(metadata_datawidth=4),
        "problem": gemm(4, 6, 8),
        "sparse_optimizations": {"targets": [target]},
    }
    inputs = read_inputs(given)
    problem, machine = read_problem(inputs), read_machine(inputs, ["A", "B", "Z"])
    return problem, machine, read_sparse(inputs, problem, machine)


def written(problem, machine, sparse):
    (target,) = sparse_document(problem, machine, sparse)["sparse_optimizations"]["targets"]
    return target["representation_format"]["data_spaces"][0]["ranks"]


@pytest.mark.parametrize(
    ("rank", "metadata", "payload"),
    [
        ({"format": "B"}, 1, 4),
        ({"format": "CP"}, 4, 4),
        ({"format": "CP", "metadata_word_bits": 3, "payload_word_bits": 5}, 4, 8),
        ({"format": "RLE", "metadata_word_bits": 16, "payload_word_bits": 0}, 16, 0),
    ],
)
def test_units_are_widened_and_written_as_they_are(rank, metadata, payload):
    problem, machine, sparse = read(rank)
    (found,) = sparse.representations[2, 1].ranks
    assert (found.metadata_bits, found.payload_bits) == (metadata, payload)
    units = {"metadata_word_bits": metadata, "payload_word_bits": payload}
    assert written(problem, machine, sparse) == [{"format": rank["format"], **units}]


@pytest.mark.parametrize(
    ("bits", "width", "found"),
    [(3, 16, 4), (5, 16, 8), (16, 16, 16), (9, 16, 16), (17, 16, 34), (4, 11, 8), (4, 0, 4)],
)
def test_a_unit_fills_rows_or_takes_twice_its_bits(bits, width, found):
    assert widened(bits, width) == found


def test_targets_may_stand_without_a_heading():
    target = {"name": "MAC", "compute_optimization": [{"type": "gating"}]}
    for listed in ([target], {"targets": [target]}):
        given = {"architecture": three_levels(), "problem": gemm(4, 6, 8)}
        inputs = read_inputs({**given, "sparse_optimizations": listed})
        problem, machine = read_problem(inputs), read_machine(inputs, ["A", "B", "Z"])
        found = read_sparse(inputs, problem, machine)
        assert (found.compute_gates, found.compute_skips, found.any) == (True, False, True)


def test_units_that_fill_no_row_cannot_be_written():
    problem, machine, sparse = read({"format": "B"})
    odd = {(2, 1): Representation((RankFormat("cp", 5, 4),))}
    with pytest.raises(InputError) as refused:
        written(problem, machine, replace(sparse, representations=odd))
    assert str(refused.value) == (
        "DRAM: units of 5 bits cannot be written for a metadata storage of 16 bits"
    )


def with_ranks(*formats, **more):
    """Store B in DRAM, outermost rank first; returns the ranks' formats, innermost first."""
    ranks = [{"format": name, "metadata_word_bits": 4} for name in formats]
    space = {"name": "B", "ranks": ranks, **more}
    target = {"name": "DRAM", "representation_format": {"data_spaces": [space]}}
    given = {
        "architecture": three_levels(metadata_datawidth=4),
        "problem": gemm(4, 6, 8),
        "sparse_optimizations": {"targets": [target]},
    }
    inputs = read_inputs(given)
    problem, machine = read_problem(inputs), read_machine(inputs, ["A", "B", "Z"])
    found = read_sparse(inputs, problem, machine).representations[2, 1]
    return [rank.name for rank in found.ranks]


def test_ranks_are_kept_innermost_first():
    assert with_ranks("UOP", "CP", "B") == ["b", "cp", "uop"]
    assert with_ranks("U", "UB") == ["ub", "u"]


def test_compressed_ranks_stand_inside_and_alone_have_a_rate():
    assert with_ranks("UOP", "B", compression_rate=2.0) == ["b", "uop"]
    with pytest.raises(InputError, match="without compressed ranks has none"):
        with_ranks("UOP", "UB", compression_rate=2.0)
    with pytest.raises(InputError, match=r"compressed rank \(CP\) cannot stand outside"):
        with_ranks("CP", "UB")
