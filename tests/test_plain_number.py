"""Numbers as people write them."""

import re

import pytest

from hwsim.plain_number import is_plain, plain_float, plain_int


@pytest.mark.parametrize("text", ["1", "-1", "+.5", "1.", "1e3", " 0.5 ", "1E-3", "inf", "-nan"])
def test_it_is_read(text):
    assert is_plain(text)
    assert repr(plain_float(text)) == repr(float(text))


@pytest.mark.parametrize("text", ["1_0", "\u0663", "\uff15", "", ".", "1e", "0x1", "1 0", "e3"])
def test_it_is_refused(text):
    assert not is_plain(text)
    for read in (plain_float, plain_int):
        with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
            read(text)


def test_whole_numbers_are_whole():
    assert plain_int("+12") == 12
    with pytest.raises(ValueError, match=r"1\.5"):
        plain_int("1.5")
