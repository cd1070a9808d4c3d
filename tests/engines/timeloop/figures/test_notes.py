"""What is told of inputs at which Timeloop's release ends without figures."""

import pytest

import hwsim
from tests.engines.timeloop.designs import gemm, table, temporal, three_levels

ROWS = (
    "Timeloop's release knows compressed tensors in rows of 2, 4, 8, 16 or 32 words and ends at "
    "others (map::at); here they count: "
)
RANKS = [{"format": "UOP"}, {"format": "CP", "metadata_word_bits": 4}]


def notes(density, words=64, compressed=("A", "B"), **asked):
    """Evaluate with a buffer of so many words a row, in which tensors are compressed."""
    architecture = three_levels()
    chip = architecture["subtree"][0]["subtree"][0]
    chip["local"][0]["attributes"] |= {"width": 16 * words, "block_size": words}
    chip["subtree"][0]["local"][0]["attributes"] |= {"decompression_supported": True}
    formats = [{"name": name, "ranks": RANKS} for name in compressed]
    inputs = {
        "architecture": architecture,
        "problem": gemm(8, 8, 8, A=density, B=1.0),
        "mapping": [
            temporal("DRAM", "M=1 N=1 K=1"),
            temporal("GLB", "M=8 N=8 K=8"),
            temporal("Spad", "M=1 N=1 K=1"),
        ],
        "ERT": table(),
        "sparse_optimizations": {
            "targets": [
                {"name": name, "representation_format": {"data_spaces": formats}}
                for name in ("DRAM", "GLB")
            ]
        },
    }
    return hwsim.evaluate_timeloop(inputs, **asked).notes


@pytest.mark.parametrize("words", [6, 64, 256])
def test_rows_that_the_release_has_no_figure_for(words):
    """Of the tensor with zeros alone; B is compressed, too, and full."""
    assert notes(0.5, words) == (f"{ROWS}A at GLB, {words} words a row",)
    assert notes(0.5, words, as_timeloop=True) == notes(0.5, words)


@pytest.mark.parametrize("words", [1, 2, 4, 8, 16, 32])
def test_rows_that_it_knows(words):
    assert notes(0.5, words) == ()


@pytest.mark.parametrize(("density", "compressed"), [(1.0, ("A", "B")), (0.5, ("B",))])
def test_full_and_plain_tensors_fill_rows_of_any_width(density, compressed):
    assert notes(density, 64, compressed) == ()
