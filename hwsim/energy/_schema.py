"""What an energy table file holds: the schema of ``hwsim/energy/tables/*.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hwsim.errors import did_you_mean
from hwsim.plausible import FIGURE
from hwsim.quantity import FREQUENCY, LENGTH, VOLTAGE
from hwsim.yaml_file import StrictModel, Text, quantity_text


def _finite_in_sums(value: float) -> float:
    if value > FIGURE.most:
        raise ValueError(f"should be at most {FIGURE.most:g}. Got {value:g}")
    return value


#: A figure of a table: energy or area of one thing.
Amount = Annotated[
    float, Field(ge=FIGURE.least, allow_inf_nan=False), AfterValidator(_finite_in_sums)
]


class FigureSpec(StrictModel):
    """A number; its source is a key of the table's ``sources``, here or at its component.

    Parameters
    ----------
    value : float
        Energy of one action, or area of one instance, in the table's units.
    source : str, optional
        One of the table's ``sources``; that of the component if nothing is said.
    bits : int, optional
        How many bits the action moves or works on.
    """

    value: Amount
    source: Text | None = None
    bits: Annotated[int, Field(ge=1)] | None = None


class ComponentPricesSpec(StrictModel):
    """Energy of each action; area of an instance and static energy of a cycle where known.

    Parameters
    ----------
    source : str, optional
        One of the table's ``sources``, for every figure that names none.
    area : FigureSpec, optional
        Of one instance.
    static : FigureSpec, optional
        Energy of one instance in a cycle, whatever it does.
    actions : dict of str to FigureSpec
        Energy of each action that the engine counts, by its name.
    """

    source: Text | None = None
    area: FigureSpec | None = None
    static: FigureSpec | None = None
    actions: dict[Text, FigureSpec]

    def figures(self) -> dict[str, FigureSpec]:
        """Every figure by its key in the file."""
        actions = {f"actions.{name}": figure for name, figure in self.actions.items()}
        others = {"area": self.area, "static": self.static}
        return {**{name: each for name, each in others.items() if each is not None}, **actions}


class TableSpec(StrictModel):
    """An energy table as its file writes it.

    Parameters
    ----------
    schema_version : {1}
        Version of this schema; ``schema`` in the file.
    name, title : str
        What to ask for, and one line for people.
    version : str
        Raised when a figure changes.
    unit : {"pJ"} or None
        Of energies; null where their authors state none.
    unit_note : str, optional
        Why there is no unit.
    area_unit : {"um2"} or None
        Of areas; null where their authors state none.
    area_unit_note : str, optional
        Why there is no unit of areas.
    node, voltage, clock : str, optional
        What the figures hold for, e.g. ``45 nm``, ``0.9 V``, ``500 MHz``.
    sources : dict of str to str
        Where figures come from: a short name and the full reference.
    components : dict of str to ComponentPricesSpec
        By the name of the component that the engine counts.
    """

    schema_version: Literal[1] = Field(alias="schema")
    name: Text
    title: Text
    version: Text
    unit: Literal["pJ"] | None
    unit_note: Text | None = None
    area_unit: Literal["um2"] | None
    area_unit_note: Text | None = None
    node: Annotated[str, quantity_text(LENGTH)] | None = None
    voltage: Annotated[str, quantity_text(VOLTAGE)] | None = None
    clock: Annotated[str, quantity_text(FREQUENCY)] | None = None
    sources: Annotated[dict[Text, Text], Field(min_length=1)]
    components: Annotated[dict[Text, ComponentPricesSpec], Field(min_length=1)]

    @property
    def unit_text(self) -> str:
        """Unit of energies in words, or why there is none."""
        return self.unit or str(self.unit_note)

    @property
    def area_unit_text(self) -> str:
        """Unit of areas in words, or why there is none."""
        return self.area_unit or str(self.area_unit_note)

    @model_validator(mode="after")
    def _unit_or_reason(self) -> Self:
        for key in ("unit", "area_unit"):
            if getattr(self, key) is None and getattr(self, f"{key}_note") is None:
                raise ValueError(f"{key} is null: say why in {key}_note")
        return self

    def unsourced(self) -> tuple[tuple[str, ...], str] | None:
        """Find the first figure without a source: its key, and what is wrong with it."""
        for name, component in self.components.items():
            for key, figure in component.figures().items():
                place = ("components", name, *key.split(".", 1))
                source = figure.source or component.source
                if source is None:
                    return place, "has no source; name one of the table's sources"
                if source not in self.sources:
                    known = did_you_mean(source, self.sources)
                    return place, f"its source {source!r} is not among the table's sources{known}"
        return None
