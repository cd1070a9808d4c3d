import pytest

from hwsim.arch.parts.scaling import area_factor, energy_factor


def test_scaling_of_stillmaker_and_baas() -> None:
    # their corrected example: 130 nm at 1.3 V is not in our range; the polynomials are
    at_45 = 1.103 * 0.64 - 0.362 * 0.8 + 0.2767
    at_32 = 0.9559 * 0.64 - 0.7823 * 0.8 + 0.471
    assert energy_factor(45, 32) == pytest.approx(at_32 / at_45)
    assert energy_factor(45, 45) == 1
    assert area_factor(65, 45) == pytest.approx(0.66)
    assert area_factor(45, 32) == pytest.approx(0.46)
