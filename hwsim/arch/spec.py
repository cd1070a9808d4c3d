"""What an arch spec holds: the schema of the YAML files in ``arch_specs/``."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from hwsim.arch.design import DesignSpec
from hwsim.arch.technology import TECHNOLOGY_KEYS, TechnologySpec
from hwsim.errors import did_you_mean
from hwsim.yaml_file import StrictModel, Text


def _lower_case(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"a name should be lower-case letters, digits and _. Got {name!r}")
    return name


def _whole_number_or_name(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(
            f"should be a whole number, or the name of the parameter it follows. Got {value!r}"
        )
    return value


class ParameterSpec(StrictModel):
    """One parameter of an architecture: a whole number with a unit and bounds.

    Parameters
    ----------
    value : int or str
        The value, or what it follows unless it is set: another parameter, or the sum or product
        of parameters, ``ms_rows + ms_cols``.
    unit : str
        What is counted, e.g. ``multipliers`` or ``elements/cycle``.
    minimum, maximum : int
        Smallest and largest value, 0 or more, in the parameter's unit.
    meaning : str
        One line for people.
    power_of_two : bool
        Whether only powers of two are possible.
    at_most : str, optional
        Another parameter that this one must not exceed.
    source : str, optional
        Where the parameter comes from, e.g. its name in another simulator.
    """

    value: Annotated[int | str, BeforeValidator(_whole_number_or_name)]
    unit: Text
    minimum: Annotated[int, Field(ge=0)]
    maximum: Annotated[int, Field(ge=0)]
    meaning: Text
    power_of_two: bool = False
    at_most: str | None = None
    source: Text | None = None

    @property
    def constraint(self) -> str:
        """The bounds in words, e.g. ``2 to 65536, a power of two, at most num_ms``."""
        words = [f"{self.minimum} to {self.maximum}"]
        if self.power_of_two:
            words.append("a power of two")
        if self.at_most:
            words.append(f"at most {self.at_most}")
        return ", ".join(words)


class OptionSpec(StrictModel):
    """A choice of an architecture that is a name and no number.

    Parameters
    ----------
    value : str
        What is chosen unless it is set.
    choices : list of str
        What there is to choose from.
    meaning : str
        One line for people.
    source : str, optional
        Where the choice comes from.
    """

    value: Text
    choices: Annotated[list[Text], Field(min_length=1)]
    meaning: Text
    source: Text | None = None

    @property
    def constraint(self) -> str:
        """The choices in words, e.g. ``ports or multicast``."""
        return " or ".join(self.choices)


class ComponentSpec(StrictModel):
    """A kind of component that the machine is made of.

    Parameters
    ----------
    unit, component : str
        The names under which the engine counts its actions.
    meaning : str
        What it is, one line.
    """

    unit: Text
    component: Text
    meaning: Text


class GrowthSpec(StrictModel):
    """How the machine becomes larger, for comparisons at equal area.

    Parameters
    ----------
    parameter : str
        What grows; parameters that follow it grow along, everything else stays.
    unit, component : str
        One of ``components``: what multiplies, of which a larger machine has more.
    reason : str
        Why it is this parameter, one line.
    """

    parameter: Text
    unit: Text
    component: Text
    reason: Text


class ArchSpec(StrictModel):
    """An architecture as its YAML file describes it.

    Parameters
    ----------
    schema_version : {1}
        Version of this schema; ``schema`` in the file.
    name, title : str
        What to ask for, and one line for people.
    source : str
        Where the architecture and its figures come from.
    engine : str
        The engine that knows how the machine behaves.
    energy_table : str
        The energy table used when none is asked for.
    parameters : dict of str to ParameterSpec
        The numbers that describe one instance of the machine.
    options : dict of str to OptionSpec
        Choices between ways in which the engine lets such a machine work.
    components : list of ComponentSpec
        What it is made of.
    technology : TechnologySpec, optional
        Node, clock, number formats and memories; energy models that compute prices need it.
    design : DesignSpec, optional
        Memories, networks and sparse optimisations for the engine ``sparseloop``.
    growth : GrowthSpec, optional
        How it becomes larger; a machine that does not say so is compared at one size.
    extends : str, optional
        Another spec, by name or path, from which every key that this one lacks is taken.
    """

    schema_version: Literal[1] = Field(alias="schema")
    name: Text
    title: Text
    source: Text
    engine: Text
    energy_table: Text
    parameters: Annotated[
        dict[Annotated[str, AfterValidator(_lower_case)], ParameterSpec], Field(min_length=1)
    ]
    options: dict[Annotated[str, AfterValidator(_lower_case)], OptionSpec] = Field(
        default_factory=dict
    )
    components: list[ComponentSpec]
    technology: TechnologySpec | None = None
    design: DesignSpec | None = None
    growth: GrowthSpec | None = None
    extends: Text | None = None

    @model_validator(mode="after")
    def _one_name_one_thing(self) -> Self:
        for name in self.options:
            if name in self.parameters or name in TECHNOLOGY_KEYS:
                raise ValueError(f"option {name!r} bears the name of another setting")
        return self

    @model_validator(mode="after")
    def _grows_by_what_there_is(self) -> Self:
        growth = self.growth
        if growth is None:
            return self
        if growth.parameter not in self.parameters:
            raise ValueError(
                f"growth: {growth.parameter!r} is no parameter of the spec"
                f"{did_you_mean(growth.parameter, self.parameters)}"
            )
        built = {f"{part.unit} {part.component}": part for part in self.components}
        if (name := f"{growth.unit} {growth.component}") not in built:
            raise ValueError(
                f"growth: {name!r} is none of the components{did_you_mean(name, built)}"
            )
        return self
