"""The library against a C program that draws its operands as STONNE does."""

import shutil
import subprocess

import numpy as np
import pytest

from hwsim.engines.programs._process import ProcessRunner
from hwsim.engines.programs.limits import Limits
from hwsim.engines.programs.runner import workspace
from hwsim.engines.stonne.program._operand_feed import can_feed, feed, was_fed
from hwsim.errors import InputError, ProgramError

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(
        not can_feed() or shutil.which("cc") is None, reason="no C compiler, or not Linux"
    ),
]

DRAWS = r"""
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
    for (int left = atoi(argv[1]); left > 0; left--) {
        unsigned draw = rand() % 100, limit = atoi(argv[2]);
        putchar(draw <= limit ? '0' : '0' + rand() % 10 + 1);
    }
    return 0;
}
"""


@pytest.fixture(scope="module")
def draws(tmp_path_factory):
    file = tmp_path_factory.mktemp("draws") / "draws"
    subprocess.run(["cc", "-x", "c", "-", "-o", str(file)], input=DRAWS.encode(), check=True)
    return ProcessRunner(file, Limits(seconds=30))


def test_the_program_draws_what_it_is_given(draws):
    random = np.random.default_rng(0).random
    mk, kn = random((300, 400)) < 0.3, random((400, 5)) < 0.9
    with workspace() as place:
        # More than one filling of the library's buffer, and only the end of the output is kept.
        environment = feed(draws, place, mk, kn)
        output = draws.run([str(mk.size + kn.size), "0"], place, environment)
        assert was_fed(place)
    drawn = np.array(list(output)) != "0"
    given = np.concatenate([mk.ravel(), kn.ravel()])
    np.testing.assert_array_equal(drawn, given[-drawn.size :])
    assert set(output) == {"0", "1"}


def test_without_it_the_program_draws_for_itself(draws):
    with workspace() as place:
        output = draws.run(["100", "64"], place, {})
        assert not was_fed(place)
    assert 20 < 100 - output.count("0") < 60


def test_asking_for_more_than_there_is(draws):
    with workspace() as place:
        environment = feed(draws, place, np.ones((2, 2), dtype=bool), np.ones((2, 1), dtype=bool))
        with pytest.raises(ProgramError) as error:
            draws.run(["7", "0"], place, environment)
    assert str(error.value) == (
        f"{draws.name}: ended with exit code 97; "
        "its last words: 'hwsim: asked for more operands than there are'"
    )


def test_a_compiler_that_cannot(draws, monkeypatch):
    from hwsim.engines.stonne.program import _operand_feed as operand_feed

    operand_feed._library.cache_clear()
    monkeypatch.setenv("CC", "false")
    with workspace() as place, pytest.raises(InputError) as error:
        feed(draws, place, np.ones((1, 1), dtype=bool), np.ones((1, 1), dtype=bool))
    assert str(error.value) == (
        "the C compiler 'false' cannot build hwsim's operand library: no reason given; "
        "--operands random does without it"
    )
