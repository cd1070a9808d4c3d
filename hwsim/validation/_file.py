"""What a file of published figures holds: the schema of the YAML files in ``data/``."""

from __future__ import annotations

import math
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hwsim.arch.design import SearchSpec, StructuredWeightsSpec
from hwsim.errors import did_you_mean
from hwsim.quantity import parse_quantity
from hwsim.validation.quantities import QUANTITIES
from hwsim.validation.tolerance import Tolerance
from hwsim.yaml_file import StrictModel, Text

#: Weights of a published machine are as wide as the machine takes them.
_WIDEST_BITS: Final = 32
Extent = Annotated[int, Field(ge=1, le=1_000_000)]
Share = Annotated[float, Field(gt=0, le=1)]


def _tolerance(text: str) -> str:
    Tolerance.parse(text)
    return text


def _quantity(name: str) -> str:
    if name not in QUANTITIES:
        raise ValueError(f"unknown quantity {name!r}{did_you_mean(name, QUANTITIES)}")
    return name


def _time(text: str) -> str:
    parse_quantity(text, QUANTITIES["time"].units)
    return text


Within = Annotated[str, AfterValidator(_tolerance)]
QuantityName = Annotated[str, AfterValidator(_quantity)]


class LayerSpec(StrictModel):
    """What all layers state.

    Parameters
    ----------
    weights, activations : float
        Share of the values that are not zero, above 0 to 1. Where they lie is drawn at random.
    structure : StructuredWeightsSpec, optional
        Draw the zeros of the weights in this pattern along the channels, in place of ``weights``.
    times : int
        How often the layer stands in the work.
    coding : {"value", "sign"}
        What a weight is: a number, or +1 or -1.
    bits : int
        Of a weight that is a number; machines use fewer where they are narrower.
    """

    weights: Share = 1.0
    activations: Share = 1.0
    structure: StructuredWeightsSpec | None = None
    times: Extent = 1
    coding: Literal["value", "sign"] = "value"
    bits: Annotated[int, Field(ge=1, le=_WIDEST_BITS)] = _WIDEST_BITS


class ConvSpec(LayerSpec):
    """A convolution with square windows: filters, channels of the input over all groups, sizes."""

    filters: Extent
    channels: Extent
    kernel: Extent = 1
    stride: Extent = 1
    padding: Annotated[int, Field(ge=0, le=1000)] = 0
    groups: Extent = 1
    input: Extent

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.filters % self.groups or self.channels % self.groups:
            raise ValueError(f"filters and channels should divide into {self.groups} groups")
        return self


class LinearSpec(LayerSpec):
    """A fully connected layer: filters (outputs), channels (inputs), vectors that it is given.

    Parameters
    ----------
    met : float, optional
        Share of the weights that are not zero where the activation is not either, of one vector;
        the other columns have what is left of ``weights``.
    """

    filters: Extent
    channels: Extent
    vectors: Extent = 1
    met: Share | None = None

    @model_validator(mode="after")
    def _leaves_a_share(self) -> Self:
        if self.met is not None and (self.vectors > 1 or not 0 <= self.unmet <= 1):
            raise ValueError(
                "met should leave a share of the weights to the columns of zero activations, and "
                "there should be one vector"
            )
        return self

    @property
    def unmet(self) -> float:
        """Share of the weights that are not zero where the activation is zero."""
        met = self.weights if self.met is None else self.met
        nowhere = 1 - self.activations
        return (self.weights - self.activations * met) / nowhere if nowhere else math.nan


class GemmSpec(LayerSpec):
    """M x K times K x N; the left matrix is the ``weights`` and stays, the other streams past."""

    M: Extent
    K: Extent
    N: Extent


class MeasuredSpec(StrictModel):
    """A 1x1 layer of which the very zeros are known, of ``tests/golden/eyeriss_v2``."""

    layer: Text


class WorkSpec(StrictModel):
    """A layer, of one kind, and what is published of its mapping.

    Parameters
    ----------
    conv, linear, gemm, measured
        The layer.
    mapping : dict of str to list of str, optional
        Factors of the temporal loops at a level of the machine's design, ``{DRAM: [C=24, M=2]}``,
        where it is published how the chip maps the layer; the search chooses the others.
    """

    conv: ConvSpec | None = None
    linear: LinearSpec | None = None
    gemm: GemmSpec | None = None
    measured: MeasuredSpec | None = None
    mapping: dict[Text, Annotated[list[Text], Field(min_length=1)]] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if len(self.model_fields_set - {"mapping"}) != 1:
            raise ValueError("should be one of conv, linear, gemm and measured")
        return self


class StatementSpec(StrictModel):
    """What a machine states of its error in a quantity.

    Parameters
    ----------
    within : str
        The largest error, ``10 %`` or ``1.5x``; more fails the test.
    why : str
        Where the error comes from, for people.
    wanted : str, optional
        What would be good enough for the machine to bear the name of the chip, in place of the
        quantity's own.
    """

    within: Within
    why: Text
    wanted: Within | None = None


class OtherSpec(StrictModel):
    """The same figure as somebody else transcribed it."""

    value: Text
    source: Text


class FigureSpec(StrictModel):
    """A published figure, with what differs from the file's statement.

    Parameters
    ----------
    value : str
        With unit, e.g. ``16.5 ms``.
    note : str, optional
        How it follows from what is printed, e.g. power times latency.
    other : OtherSpec, optional
        Another transcription that disagrees.
    states : StatementSpec, optional
        In place of the file's for the quantity.
    """

    value: Text
    note: Text | None = None
    other: OtherSpec | None = None
    states: StatementSpec | None = None


class CaseSpec(StrictModel):
    """One work and what is published of it.

    Parameters
    ----------
    name : str
        Of the work.
    layers : list of WorkSpec
        What is computed.
    waits : str, optional
        How long the chip waits beside its published time, e.g. for DRAM, where its published energy
        has that in it. Clock and leakage of that time are added to ours.
    published : dict of str to FigureSpec
        What is published, by quantity.
    """

    name: Text
    waits: Annotated[str, AfterValidator(_time)] | None = None
    layers: Annotated[list[WorkSpec], Field(min_length=1)]
    published: Annotated[dict[QuantityName, FigureSpec], Field(min_length=1)]

    @model_validator(mode="after")
    def _units_fit(self) -> Self:
        for name, figure in self.published.items():
            texts = [figure.value] + ([figure.other.value] if figure.other else [])
            for text in texts:
                try:
                    parse_quantity(text, QUANTITIES[name].units)
                except ValueError as error:
                    raise ValueError(f"published.{name}: {error}") from None
        return self


class PublishedFile(StrictModel):
    """Figures of one machine from one table or figure of a paper.

    Parameters
    ----------
    schema_version : {1}
        Version of this schema; ``schema`` in the file.
    title : str
        The works, for people: ``AlexNet, batch 4``.
    machine : str
        Arch spec that stands for it.
    overrides : dict of str to int or str, optional
        Parameters of the spec that are set, as with ``--set``.
    energy : str, optional
        Energy table; the spec's own when not given.
    density : {"actual", "statistical"}
        Whether engines see the very zeros that were drawn, or their share.
    search : SearchSpec, optional
        How mappings are searched, in place of the spec's.
    images : int
        Inferences in each work; its layers are evaluated for one image and multiplied.
    source : str
        Paper, table or figure.
    transcribed : str
        The public copy that the figures were taken from.
    verified : str
        Which figures were checked against what.
    assumed : str
        What of the work is not published and had to be chosen.
    states : dict of str to StatementSpec
        For each quantity what the machine states of its error.
    cases : list of CaseSpec
        The works.
    """

    schema_version: Literal[1] = Field(alias="schema")
    title: Text
    machine: Text
    overrides: dict[str, int | str] | None = None
    energy: Text | None = None
    density: Literal["actual", "statistical"] = "actual"
    search: SearchSpec | None = None
    images: Extent = 1
    source: Text
    transcribed: Text
    verified: Text
    assumed: Text
    states: dict[QuantityName, StatementSpec]
    cases: Annotated[list[CaseSpec], Field(min_length=1)]

    @model_validator(mode="after")
    def _all_stated(self) -> Self:
        names = [case.name for case in self.cases]
        if len(set(names)) < len(names):
            raise ValueError("two cases have one name")
        for case in self.cases:
            for name, figure in case.published.items():
                if figure.states is None and name not in self.states:
                    raise ValueError(f"case {case.name!r}: nothing is stated of its {name}")
        return self
