"""Problem shapes: those that Timeloop knows by name, coefficients, and how large they may be."""

import pytest

from hwsim.engines.timeloop.spec import read_inputs, read_problem
from hwsim.engines.timeloop.spec.problem import problem_document
from hwsim.engines.timeloop.terms.problem import make_problem
from hwsim.errors import InputError

LAYER = {"R": 3, "S": 2, "P": 4, "Q": 5, "C": 6, "K": 7, "N": 8}


def read(problem):
    return read_problem(read_inputs({"problem": problem}))


def refusal(problem):
    with pytest.raises(InputError) as refused:
        read(problem)
    return str(refused.value).removeprefix("inputs: problem")


def matrix_product(coefficients=(), rows="M", **instance):
    """Z[rows, N] = A[M, K] B[K, N]."""
    spaces = {"A": ["M", "K"], "B": ["K", "N"], "Z": [rows, "N"]}
    shape = {
        "dimensions": ["M", "N", "K"],
        "coefficients": list(coefficients),
        "data_spaces": [
            {"name": name, "projection": ranks, "read_write": name == "Z"}
            for name, ranks in spaces.items()
        ],
    }
    return {"shape": shape, "instance": {"M": 2, "N": 3, "K": 4} | instance}


@pytest.mark.parametrize("shape", [{}, {"shape": "cnn_layer"}, {"shape": "CNN-Layer.yaml"}])
def test_a_convolution(shape):
    found = read(shape | LAYER | {"Wstride": 2, "Hdilation": 3})
    assert found.dimensions == tuple("RSPQCKN")
    assert found.bounds == (3, 2, 4, 5, 6, 7, 8)
    assert {space.name: space.projection.tolist() for space in found.data_spaces} == {
        "Weights": [
            [0, 0, 0, 0, 1, 0, 0],
            [0, 0, 0, 0, 0, 1, 0],
            [1, 0, 0, 0, 0, 0, 0],
            [0, 1, 0, 0, 0, 0, 0],
        ],
        "Inputs": [
            [0, 0, 0, 0, 0, 0, 1],
            [0, 0, 0, 0, 1, 0, 0],
            [1, 0, 2, 0, 0, 0, 0],
            [0, 3, 0, 1, 0, 0, 0],
        ],
        "Outputs": [
            [0, 0, 0, 0, 0, 0, 1],
            [0, 0, 0, 0, 0, 1, 0],
            [0, 0, 0, 1, 0, 0, 0],
            [0, 0, 1, 0, 0, 0, 0],
        ],
    }
    assert [space.read_write for space in found.data_spaces] == [False, False, True]
    assert found.data_spaces[1].box(found.bounds) == (8, 6, 9, 8)


def test_a_matrix_product():
    found = read({"shape": "gemm-ABZ.cfg", "M": 2, "N": 3, "K": 4})
    assert found.dimensions == ("M", "N", "K")
    boxes = {space.name: space.box(found.bounds) for space in found.data_spaces}
    assert boxes == {"A": (2, 4), "B": (3, 4), "Z": (2, 3)}
    assert [space.read_write for space in found.data_spaces] == [False, False, True]


def test_other_names_of_shapes():
    assert refusal(LAYER | {"shape": "cnn_layr"}) == (
        ".shape: unknown problem shape 'cnn_layr'; did you mean 'cnn_layer'?; or describe the shape"
    )


def test_a_shape_computes_something_over_dimensions():
    given = matrix_product()
    given["shape"]["dimensions"] = []
    assert refusal(given) == ".shape.dimensions: missing; a list of dimension names is required"
    given["shape"]["dimensions"] = ["M", "N", "KK"]
    assert refusal(given) == (".shape.dimensions: names of dimensions are single letters. Got 'KK'")
    given = matrix_product()
    given["shape"]["data_spaces"][2]["read_write"] = False
    assert refusal(given) == (
        ".shape.data_spaces: no data space is marked read_write: true; one has to be"
    )
    given["shape"]["flatten"] = []
    assert refusal(given) == (
        ".shape: flattened dimensions are not modelled; use one loop a dimension"
    )


def test_a_result_has_no_dimension_in_two_ranks():
    given = matrix_product()
    given["shape"]["data_spaces"][2]["projection"] = [[["M"]], [["M"]]]
    assert refusal(given) == (
        ".shape.data_spaces: dimension 'M' stands in several ranks of the result 'Z', of which "
        "only a diagonal is written; not modelled"
    )


STEP = {"name": "step", "default": 2}


@pytest.mark.parametrize(
    ("instance", "factor"),
    [({}, 2), ({"step": 3}, 3), ({"step": 2.0}, 2), ({"step": 2**53}, 2**53)],
)
def test_coefficients(instance, factor):
    found = read(matrix_product([STEP], [["M", "step"]], **instance, M=1))
    assert found.data_spaces[2].projection.tolist() == [[factor, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize(
    ("coefficients", "instance", "message"),
    [
        ([{"name": "step"}], {}, ".shape.coefficients[0]: missing; 'default' is required here"),
        *(
            (
                [STEP],
                {"step": step},
                f".instance.step: expected a whole number, {bound}. Got {step}",
            )
            for step, bound in [
                (1.5, "1 or more"),
                (0, "1 or more"),
                (-1, "1 or more"),
                (2**53 + 2, "2^53 at most"),
            ]
        ),
        (
            [{"name": "step", "default": -1}],
            {"step": 2},
            ".shape.coefficients[0].default: expected a whole number, 1 or more. Got -1",
        ),
        (
            [{"name": "stepp", "default": 2}],
            {},
            ".shape.data_spaces[2].projection: unknown coefficient 'step'; did you mean 'stepp'?",
        ),
    ],
)
def test_coefficients_that_cannot_be_used(coefficients, instance, message):
    assert refusal(matrix_product(coefficients, [["M", "step"]], **instance)) == message


@pytest.mark.parametrize("rank", ["M*step", " M * step ", "M step", [["M", "step"]]])
def test_a_rank_with_its_coefficient(rank):
    found = read(matrix_product([STEP], rank))
    assert found.data_spaces[2].projection.tolist() == [[2, 0, 0], [0, 1, 0]]


def test_one_dimension_may_stand_twice_in_a_rank():
    found = read(matrix_product([STEP], [["M", "step"], ["M"], ["K"]]))
    assert found.data_spaces[2].projection.tolist() == [[3, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize(
    ("rank", "message"),
    [
        *(
            (rank, f"[0]: expected a dimension, or dimension * coefficient. Got {rank!r}")
            for rank in ("", "M N K", "-M", "M - step", "M / step", "M + K")
        ),
        ([], "[0]: expected at least one dimension"),
        ([["M", "step", "N"]], "[0][0]: expected [dimension] or [dimension, coefficient]"),
        ([[]], "[0][0]: expected [dimension] or [dimension, coefficient]"),
    ],
)
def test_ranks_that_cannot_be_read(rank, message):
    assert refusal(matrix_product(rows=rank)) == f".shape.data_spaces[2].projection{message}"


def test_a_data_space_has_ranks():
    given = matrix_product()
    given["shape"]["data_spaces"][0]["projection"] = []
    assert refusal(given) == ".shape.data_spaces[0].projection: expected at least one rank"


def test_operations_and_words_are_counted_in_64_bits():
    half = 2**31
    largest = read(matrix_product(M=half, N=half, K=1))
    assert largest.operations == 2**62
    assert refusal(matrix_product(M=half, N=half, K=2)) == (
        ".instance: the dimensions multiply up to 9.22e+18 operations; 2^62 are counted at most"
    )
    apart = [{"name": "step", "default": 2}]
    assert refusal(matrix_product(apart, [["M", "step"]], M=half, N=half, K=1)) == (
        ".instance: Z has 9.22e+18 words; 2^62 are counted at most"
    )


def test_coefficients_have_names_of_their_own_where_they_differ():
    def space(*steps):
        return [{"M": step} for step in steps]

    problem = make_problem({"M": 4}, {"A": space(2, 3), "B": space(2), "Z": space(1)}, ["Z"])
    document = problem_document(problem)["problem"]
    assert document["shape"]["coefficients"] == [
        {"name": "Mstep", "default": 1},
        {"name": "Mstep2", "default": 1},
    ]
    ranks = {one["name"]: one["projection"] for one in document["shape"]["data_spaces"]}
    assert ranks == {
        "A": [[["M", "Mstep"]], [["M", "Mstep2"]]],
        "B": [[["M", "Mstep"]]],
        "Z": [[["M"]]],
    }
    assert document["instance"] == {"M": 4, "Mstep": 2, "Mstep2": 3}


def test_two_to_the_62_operations_are_counted():
    found = read(matrix_product(M=2**31, N=2**31, K=1))
    assert found.operations == 2**62
    assert "multiply up to 9.22e+18 operations; 2^62 are" in refusal(
        matrix_product(M=2**31, N=2**31, K=2)
    )


@pytest.mark.parametrize(("more", "version"), [((), 0.3), ((0.4,), 0.4)])
def test_the_version_of_what_is_written(more, version):
    written = problem_document(read(matrix_product()), *more)
    assert written["problem"]["version"] == version


@pytest.mark.parametrize("name", ["", " ", "\t"])
def test_names_say_something(name):
    given = matrix_product()
    given["shape"]["data_spaces"][0]["name"] = name
    assert refusal(given) == f".shape.data_spaces[0].name: expected a name or a word. Got {name!r}"
    assert refusal(matrix_product() | {"name": name}) == (
        f".name: expected a name or a word. Got {name!r}"
    )
    assert refusal(LAYER | {"shape": name}) == (f".shape: expected a name or a word. Got {name!r}")
