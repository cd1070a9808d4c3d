"""The largest machine that fits: no larger than the limit, and the next one is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.arch import Arch, load_arch
from hwsim.errors import InputError
from hwsim.studies.machine_size import Built, Sized, growth_of, largest_that_fits

SIGMA, STC = load_arch("sigma"), load_arch("stc")


def sized(arch: Arch, unit: float, limit: float, fixed: float = 0.0) -> tuple[Sized, list[int]]:
    """Machines of so much area a unit, and which were built."""
    name = growth_of(arch).parameter
    asked: list[int] = []

    def build(machine: Arch) -> Built:
        asked.append(machine[name])
        return Built(machine, machine[name], machine[name] * unit + fixed)

    return largest_that_fits(arch, limit, build), asked


@given(
    st.sampled_from([SIGMA, STC]),
    st.integers(1, 200),
    st.integers(0, 4000),
    st.integers(0, 40_000),
)
def test_it_fits_and_the_next_does_not(arch: Arch, unit: int, fixed: int, limit: int) -> None:
    name = growth_of(arch).parameter
    least = arch.spec.parameters[name].minimum
    if least * unit + fixed > limit:
        with pytest.raises(InputError):
            sized(arch, unit, limit, fixed)
        return
    found, _ = sized(arch, unit, limit, fixed)
    assert found.built.area <= limit
    assert found.built.arch[name] == found.built.units
    if found.beyond is None:
        assert found.built.units == arch.spec.parameters[name].maximum
    else:
        assert found.beyond.area > limit
        step = found.built.units if arch is SIGMA else 1
        assert found.beyond.units == found.built.units + step


def test_multipliers_double() -> None:
    found, asked = sized(SIGMA, 1.0, 1100)
    assert (found.built.units, found.beyond and found.beyond.units) == (1024, 2048)
    assert set(asked) == {256, 512, 1024, 2048}
    assert (found.built.arch["dn_bw"], found.built.arch["rn_bw"]) == (1024, 1024)


def test_what_fits_exactly_fits() -> None:
    assert sized(STC, 2.0, 34.0)[0].built.units == 17
    assert sized(STC, 2.0, 33.9)[0].built.units == 16


def test_a_kind_of_larger_units_has_fewer() -> None:
    assert sized(STC, 10.0, 55.0)[0].built.units == 5
    assert sized(SIGMA, 10.0, 55.0)[0].built.units == 4


def test_the_spec_ends_the_search() -> None:
    found, asked = sized(STC, 1.0, 1e9)
    assert (found.built.units, found.beyond) == (256, None)
    assert len(asked) < 16


def test_another_parameter_may_bound_it() -> None:
    bounded = SIGMA.spec.growth.model_copy(update={"parameter": "dn_bw"})  # type: ignore[union-attr]
    spec = SIGMA.spec.model_copy(update={"growth": bounded})
    arch = Arch.of_spec(spec, {"dn_bw": 8}, str, path=SIGMA.path, text=SIGMA.text)
    found, _ = sized(arch, 1.0, 1e9)
    assert (found.built.units, found.beyond) == (256, None)


def test_a_machine_that_does_not_fit_at_all() -> None:
    expected = (
        "arch sigma: with num_ms=2, its least, it has an area of 2e-06 mm2, more than 1e-06 mm2"
    )
    with pytest.raises(InputError, match=f"^{re.escape(expected)}$"):
        sized(SIGMA, 1.0, 1.0)


def test_a_machine_that_does_not_say_how_it_grows() -> None:
    expected = (
        "arch 'eyeriss_v2_pe': the spec does not say how the machine becomes larger, so there is "
        "no equal area; add a growth section with parameter, unit, component and reason"
    )
    with pytest.raises(InputError, match=f"^{re.escape(expected)}$"):
        growth_of(load_arch("eyeriss_v2_pe"))
