import pytest

from hwsim.arch.parts.scaling import area_factor, energy_factor, voltage_factor
from hwsim.errors import InputError


def test_scaling_of_stillmaker_and_baas() -> None:
    # their corrected example: 130 nm at 1.3 V is not in our range; the polynomials are
    at_45 = 1.103 * 0.64 - 0.362 * 0.8 + 0.2767
    at_32 = 0.9559 * 0.64 - 0.7823 * 0.8 + 0.471
    assert energy_factor(45, 32) == pytest.approx(at_32 / at_45)
    assert energy_factor(45, 45) == 1
    assert area_factor(65, 45) == pytest.approx(0.66)
    assert area_factor(45, 32) == pytest.approx(0.46)


def test_no_energy_rises_while_the_voltage_falls() -> None:
    for node in (65, 45, 32, 7):
        factors = [voltage_factor(node, volts / 100) for volts in range(59, 121)]
        assert factors == sorted(factors)
    # 3.755 V^2 - 4.398 V + 1.975 falls down to 4.398 / (2 x 3.755) V.
    assert voltage_factor(65, 0.5857) < voltage_factor(65, 0.59)
    with pytest.raises(InputError) as error:
        voltage_factor(65, 0.585)
    assert str(error.value) == "voltage 0.585 V: at 65 nm energies scale down to 0.586 V"
    assert voltage_factor(45, 0.5) < voltage_factor(45, 0.585)
