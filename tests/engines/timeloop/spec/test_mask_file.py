"""Zeros of a tensor from a text file: where it is found, its order, and what is no mask."""

import copy

import numpy as np
import pytest
import yaml

import hwsim
from hwsim.errors import InputError
from tests.engines.timeloop.designs import gemm
from tests.engines.timeloop.spec.inputs import inputs

MASK = np.random.default_rng(5).random((4, 8)) < 0.5
SKIP = {"type": "skipping", "options": [{"target": "B", "condition_on": ["A"]}]}
SPARSE = {"targets": [{"name": "Spad", "action_optimization": [SKIP]}]}


def write(folder, path, text=None):
    """Write the mask of A (M x K) beside the problem, M fastest; and the inputs that name it."""
    (folder / "masks").mkdir(exist_ok=True)
    digits = "".join("01"[int(point)] for point in MASK.ravel(order="F"))
    (folder / "masks" / "a.txt").write_text(digits if text is None else text, encoding="utf-8")
    density = {"distribution": "real-data", "data_file_path": path}
    given = inputs(problem=gemm(4, 6, 8, A=density), sparse_optimizations=SPARSE)
    file = folder / "all.yaml"
    file.write_text(yaml.safe_dump(copy.deepcopy(given)), encoding="utf-8")
    return [file]


def refusal(files):
    with pytest.raises(InputError) as refused:
        hwsim.evaluate_timeloop(files)
    return str(refused.value)


@pytest.mark.parametrize("path", ["masks/a.txt", "/somebody/elses/home/masks/a.txt"])
def test_a_file_counts_as_the_array_that_it_holds(tmp_path, path):
    """On another machine than the one where it was written its last parts are looked for."""
    array = gemm(4, 6, 8, A={"distribution": "actual", "data": MASK})
    expected = hwsim.evaluate_timeloop(inputs(problem=array, sparse_optimizations=SPARSE))
    found = hwsim.evaluate_timeloop(write(tmp_path, path))
    assert found.to_dict() == expected.to_dict()
    spaced = " 1,0\n" * 16
    found = hwsim.evaluate_timeloop(write(tmp_path, path, spaced))
    assert found.evaluation.compute.counts["random_compute"] == 96


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0" * 31, "expected 32 digits (4x8). Got 31"),
        ("0" * 33, "expected 32 digits (4x8). Got 33"),
        ("0" * 200_000, "expected 32 digits (4x8). Got 65601"),
        ("hidden", "expected nothing but 0 and 1, a digit a point"),
    ],
)
def test_what_is_no_mask(tmp_path, text, words):
    message = refusal(write(tmp_path, "masks/a.txt", text))
    assert message.endswith(f"data_file_path: {tmp_path / 'masks/a.txt'}: {words}")
    assert "hidden" not in message.replace(str(tmp_path), "")


def test_a_file_that_is_not_there(tmp_path):
    message = refusal(write(tmp_path, "masks/b.txt"))
    assert message.endswith(
        "no file 'masks/b.txt', nor its last parts beside the file that names it"
    )
    message = refusal(write(tmp_path, "masks"))  # a folder
    assert "no file 'masks'" in message
    given = inputs(problem=gemm(4, 6, 8, A={"distribution": "real_data"}))
    assert "a text file of 0 and 1 is required" in refusal(given)
