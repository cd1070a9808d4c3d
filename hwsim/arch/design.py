"""The design section of an arch spec: a machine in Timeloop's own terms, for ``sparseloop``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from hwsim.plausible import PORT_WORDS
from hwsim.yaml_file import StrictModel


def _plain(section: object) -> object:
    """Refuse what YAML can say and Timeloop's files cannot: dates, sets, bytes, other keys.

    A machine must also survive being written as JSON, in which it travels to other processes.
    """
    waiting: list[tuple[str, object]] = [("", section)]
    while waiting:
        place, value = waiting.pop()
        at = place and f"{place}: "
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    raise ValueError(f"{at}the key {key!r} should be text; put it in quotes")
            waiting += [(f"{place}.{key}" if place else key, value[key]) for key in value]
        elif isinstance(value, list):
            waiting += [
                (f"{place}.{n}" if place else str(n), below) for n, below in enumerate(value)
            ]
        elif not (value is None or isinstance(value, str | int | float)):
            raise ValueError(
                f"{at}should be text, a number, a list or a mapping. Got {type(value).__name__}"
            )
    return section


Section = Annotated[dict[str, Any], AfterValidator(_plain)]
Sections = Annotated[dict[str, Any] | list[Any], AfterValidator(_plain)]


def _amount(least: int, most: int) -> AfterValidator:
    """Bound a number; the name of a parameter, which may stand in its place, has its own bounds."""

    def check(value: str | int) -> str | int:
        if not isinstance(value, str) and not least <= value <= most:
            raise ValueError(
                f"should be from {least:,} to {most:,}, or the name of a parameter. Got {value}"
            )
        return value

    return AfterValidator(check)


Words = Annotated[str | int, _amount(0, 64)]
WordsPerCycle = Annotated[float, Field(ge=PORT_WORDS.least, le=PORT_WORDS.most)]


class SearchSpec(StrictModel):
    """How mappings are searched.

    Parameters
    ----------
    objective : {"energy", "delay", "edp"}
        What the mapper minimises: pJ, cycles, or their product.
    budget : int
        Mappings scored for each distinct layer.
    seed : int
        Of the mapper's random numbers.
    """

    objective: Literal["energy", "delay", "edp"] = "edp"
    budget: Annotated[int, Field(ge=1, le=10_000_000)] = 4000
    seed: Annotated[int, Field(ge=0)] = 0


class StructuredWeightsSpec(StrictModel):
    """The only pattern of zeros that a machine makes use of; other weights run dense.

    Parameters
    ----------
    nonzeros, of : int
        At most so many non-zeros in each group of so many neighbours along the channels.
    """

    nonzeros: Annotated[int, Field(ge=1)]
    of: Annotated[int, Field(ge=2)]


class RampUpSpec(StrictModel):
    """What units wait for when what they hold is replaced: a processing pass begins.

    Parameters
    ----------
    below : str
        The memory whose children begin together.
    replaced : str
        The data space whose new tiles begin a pass.
    words_per_cycle : dict
        By data space, for those that have to be there before the first operation: words that its
        bus carries a cycle. Of what is compressed only the non-zeros come.
    order : {"one by one", "at once"}
        Whether the data spaces come after each other, or each over its own bus at the same time.
    """

    below: str
    replaced: str
    words_per_cycle: Annotated[dict[str, WordsPerCycle], Field(min_length=1)]
    order: Literal["one by one", "at once"] = "one by one"


class PortsSpec(StrictModel):
    """Ports of a memory that serve one data space.

    Parameters
    ----------
    read, write : float
        Words a cycle and instance.
    """

    read: WordsPerCycle
    write: WordsPerCycle


class DatapathSpec(StrictModel):
    """Registers of a compute unit's pipeline, beside one for each operand and one for the sum.

    Parameters
    ----------
    products : str or int
        Words of a product's width, or the parameter that says how many: 2 where the stages of a
        multiplier pass on what its adders leave.
    sums : str or int
        Words of a sum's width: sums that wait for their product.
    """

    products: Words
    sums: Words


class QueuesSpec(StrictModel):
    """Registers in which words wait between the networks and the units that they serve.

    Parameters
    ----------
    of : str
        The outermost memory of the units, e.g. of a PE.
    bits : str or int
        Bits of all queues of one unit, or the parameter that says so.
    """

    of: str
    bits: Annotated[str | int, _amount(1, 1_000_000)]


class DesignSpec(StrictModel):
    """A machine in the terms of Timeloop's input files.

    Layers are problems over the dimensions G (groups), M (filters of a group), C (channels of a
    group), R and S (rows and columns of a filter), P and Q (of the output), with the data spaces
    Weights, Inputs and Outputs. A linear layer has M filters, C inputs and P input vectors. Where
    a number belongs, the name of one of the spec's parameters may stand.

    Parameters
    ----------
    architecture : dict
        ``nodes`` (v0.4) or ``subtree`` (v0.3), with constraints where wanted.
    sparse_optimizations : dict or list, optional
        Formats, gating and skipping.
    architecture_constraints, mapspace_constraints : dict or list, optional
        What mappings may do, beside the constraints of the nodes.
    ERT, ART : dict, optional
        Energies (pJ) and areas (um2) of the components; without them both are computed from
        sizes, widths and the node.
    structured_weights : StructuredWeightsSpec, optional
        The pattern that weights must have for their zeros to count.
    ramp_up : RampUpSpec, optional
        What is waited for at the begin of a processing pass.
    images : str or int, optional
        Images that are mapped together, along a dimension N of Inputs and Outputs; results are
        those of one image on average. Without, one image and no N.
    ports : dict of str to dict of str to PortsSpec, optional
        By memory and data space, where a data space has ports of its own: banks that are
        reached side by side. Bandwidths of the architecture hold for all data spaces together.
    datapath : DatapathSpec, optional
        What stands between the stages of a compute unit. Without, it has a register for each
        operand and one for the sum, whose writing is part of the accesses to memories.
    queues : QueuesSpec, optional
        What waits between networks and units; without, words arrive when they are wanted.
    run_lengths : {"padded", "unlimited"}
        Whether run lengths (RLE) that their bits cannot tell take entries of their own, as in EIE,
        SCNN and Eyeriss v2, or runs may be of any length, as Timeloop has it.
    units : {"even", "in step", "in vectors"}
        Whether parallel units share out what zeros leave evenly, as in Sparseloop, or wait for the
        one with the most products: those that share activations or results after every tile, all
        others when weights are replaced. Units "in vectors" multiply vectors of non-zero weights
        with vectors of non-zero activations, full or not, as SCNN's, and wait for the slowest
        before they take other sums.
    search : SearchSpec
        How mappings are searched.
    """

    architecture: Section
    sparse_optimizations: Sections | None = None
    architecture_constraints: Sections | None = None
    mapspace_constraints: Sections | None = None
    ERT: Section | None = None
    ART: Section | None = None
    structured_weights: StructuredWeightsSpec | None = None
    ramp_up: RampUpSpec | None = None
    images: Annotated[str | int, _amount(1, 1_000_000)] | None = None
    ports: dict[str, Annotated[dict[str, PortsSpec], Field(min_length=1)]] | None = None
    datapath: DatapathSpec | None = None
    queues: QueuesSpec | None = None
    run_lengths: Literal["padded", "unlimited"] = "padded"
    units: Literal["even", "in step", "in vectors"] = "even"
    search: SearchSpec = SearchSpec.model_construct()  # not validated: that would build it now
