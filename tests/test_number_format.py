from hypothesis import given
from hypothesis import strategies as st

from hwsim.number_format import NumberFormat


@given(st.integers(1, 64))
def test_formats_by_bits(bits: int) -> None:
    number = NumberFormat.of_bits(bits)
    assert number.bits == bits
    assert number.is_float == (bits in {16, 32})
    assert NumberFormat.parse(number.name) == number
    assert number.narrower_of(NumberFormat.parse("int8")).bits == min(bits, 8)
