"""Files of published figures are closed and typed."""

import pytest

from hwsim.errors import InputError
from hwsim.validation import read_published
from tests.validation.files import write


def test_a_file_is_read(tmp_path):
    write(tmp_path)
    (file,) = read_published(tmp_path)
    assert (file.machine, file.images, file.density, file.overrides) == ("sigma", 1, "actual", None)
    (case,) = file.cases
    gemm = case.layers[0].gemm
    assert (gemm.M, gemm.K, gemm.N, gemm.weights, gemm.activations, gemm.times) == (
        8, 16, 4, 0.5, 1, 1,
    )  # fmt: skip
    assert case.published["cycles"].other.value == "120 cycles"


def test_files_are_read_in_the_order_of_their_names(tmp_path):
    for name in ("b", "a"):
        write(tmp_path, ("two products", name)).rename(tmp_path / f"{name}.yaml")
    assert [file.title for file in read_published(tmp_path)] == ["a", "b"]


WORK = "{gemm: {M: 8, K: 16, N: 4, weights: 0.5}}"
FIRST = "cases.0.layers.0"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("verified: all\n", "", "line 1: verified: missing; this key is required"),
        ("title:", "titel:", "line 2: unknown key 'titel'; did you mean 'title'?"),
        ("10 %", "10", "line 10: states.cycles.within: should be a valid string. Got 10"),
        ("10 %", "10 p", "line 10: states.cycles.within: should be like '10 %'"),
        ("  speedup: {within", "  sped: {within", "line 11: states.sped: unknown quantity 'sped'"),
        ("100 cycles", "100 ms", "line 13: cases.0: published.cycles: should be a positive number"),
        ("120 cycles", "120 ms", "line 13: cases.0: published.cycles: should be a positive number"),
        ("value: 2 x", "value: 2", "line 18: cases.0.published.speedup.value: should be a valid"),
        (
            "weights: 0.5",
            "weights: 0.0",
            f"line 15: {FIRST}.gemm.weights: should be greater than 0",
        ),
        ("weights: 0.5", "weights: 1.1", f"line 15: {FIRST}.gemm.weights: should be less than or"),
        ("M: 8", "M: 0", f"line 15: {FIRST}.gemm.M: should be greater than or equal to 1"),
        ("K: 16", "k: 16", f"line 15: {FIRST}.gemm: unknown key 'k'"),
        (
            WORK,
            "{gemm: {M: 1, K: 1, N: 1}, measured: {layer: L07}}",
            f"line 15: {FIRST}: should be",
        ),
        (WORK, "{mapping: {DRAM: [C=2]}}", f"line 15: {FIRST}: should be one of conv, linear,"),
        (WORK, WORK[:-1] + ", mapping: {DRAM: []}}", f"line 15: {FIRST}.mapping.DRAM: List"),
        (
            "    layers:",
            "    waits: 3 W\n    layers:",
            "line 14: cases.0.waits: should be a positive number and its unit (us or ms or s)",
        ),
        (WORK, "{}", f"line 15: {FIRST}: should be one of conv, linear, gemm and measured"),
        (
            "  speedup: {within: 1.5x, why: ports}\n",
            "",
            "case 'small': nothing is stated of its speedup",
        ),
    ],
)
def test_what_breaks_the_schema_is_refused(tmp_path, before, after, message):
    file = write(tmp_path, (before, after))
    with pytest.raises(InputError) as refusal:
        read_published(tmp_path)
    place = str(refusal.value).removeprefix(str(file)).lstrip(",: ")
    assert place.startswith(message), place


def test_two_cases_of_one_name_are_refused(tmp_path):
    figure = "published: {cycles: {value: 1 cycles}}"
    case = f"  - {{name: small, layers: [{{measured: {{layer: L07}}}}], {figure}}}\n"
    write(tmp_path, ("cases:\n", f"cases:\n{case}"))
    with pytest.raises(InputError, match="two cases have one name"):
        read_published(tmp_path)


def test_a_figure_may_state_its_own_error(tmp_path):
    write(
        tmp_path,
        ("  speedup: {within: 1.5x, why: ports}\n", ""),
        ("{value: 2 x}", "{value: 2 x, states: {within: 3x, why: own}}"),
    )
    (file,) = read_published(tmp_path)
    assert file.cases[0].published["speedup"].states.within == "3x"


@pytest.mark.parametrize("size", ["filters: 6, channels: 4", "filters: 4, channels: 6"])
def test_groups_have_to_divide(tmp_path, size):
    layer = f"{{conv: {{{size}, groups: 4, input: 8}}}}"
    write(tmp_path, (WORK, layer))
    with pytest.raises(InputError, match="filters and channels should divide into 4 groups"):
        read_published(tmp_path)
