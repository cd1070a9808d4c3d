"""The design section of an arch spec: a machine in Timeloop's own terms, for ``sparseloop``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from hwsim.yaml_file import StrictModel


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
    search : SearchSpec
        How mappings are searched.
    """

    architecture: dict[str, Any]
    sparse_optimizations: dict[str, Any] | list[Any] | None = None
    architecture_constraints: dict[str, Any] | list[Any] | None = None
    mapspace_constraints: dict[str, Any] | list[Any] | None = None
    ERT: dict[str, Any] | None = None
    ART: dict[str, Any] | None = None
    structured_weights: StructuredWeightsSpec | None = None
    search: SearchSpec = SearchSpec()
