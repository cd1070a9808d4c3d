"""What a study file holds: one declaration for its reader, its schema and its check."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from hwsim.networks.geometry import ExtentPair
from hwsim.plausible import LARGEST_SEED, MOST_POINTS, PROGRAM_S
from hwsim.studies.request import DEFAULT_SCHEMES
from hwsim.yaml_file import StrictModel, Text

_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_WHOLE: dict[str, Any] = {"type": "integer", "minimum": 0}
_SHARE: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
_SETTING: dict[str, Any] = {"type": ["integer", "string"]}


def _one_or_several(item: dict[str, Any]) -> WithJsonSchema:
    listed = {"type": "array", "items": item, "minItems": 1}
    return WithJsonSchema({"anyOf": [item, listed]})


def _listed(value: object) -> object:
    """Take a value that stands alone as a list of one."""
    if isinstance(value, list | tuple):
        if not value:
            raise ValueError("should not be an empty list; leave the key out")
        return list(value)
    return None if value is None else [value]


def _levels(value: object) -> object:
    """Take levels that stand alone as a section that says nothing else."""
    return value if value is None or isinstance(value, dict) else {"levels": value}


def _setting(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"should be a whole number or a text such as '45 nm'. Got {value!r:.80}")
    return value


def _settings(value: object) -> Any:
    """List the values of a parameter, or of each parameter of one machine."""
    if isinstance(value, dict):
        return {name: _settings(each) for name, each in value.items()}
    return [_setting(each) for each in _listed(value) or [None]]  # type: ignore[attr-defined]


def _share_or_text(value: object) -> object:
    """Take a share of activations as the text that a request knows."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{value:.12g}"


def _level(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"should be a level, or a range such as '0:0.9:0.1'. Got {value!r:.80}")
    return value


def _condition(value: object) -> Any:
    """List what a coordinate may be."""
    values: Any = [None] if value is None else _listed(value)
    for each in values:
        if isinstance(each, bool) or not isinstance(each, str | int | float | None):
            raise ValueError(f"should be a text, a number or null, or several. Got {each!r:.80}")
    return values


def _count(value: object) -> object:
    """Take a number of tokens as the text that a request knows."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _network(value: object) -> object:
    """Take a file that stands alone as a section that says nothing else."""
    if isinstance(value, str):
        return {"file": value}
    if not isinstance(value, dict):
        raise ValueError(f"should be a weight file, or a section with one. Got {value!r:.80}")
    return value


_SETTINGS: dict[str, Any] = {"anyOf": [_SETTING, {"type": "array", "items": _SETTING}]}
_CONDITION: dict[str, Any] = {"type": ["string", "number", "null"]}
Texts = Annotated[list[Text], BeforeValidator(_listed), _one_or_several(_TEXT)]
Seeds = Annotated[
    list[Annotated[int, Field(ge=0, le=LARGEST_SEED)]],
    BeforeValidator(_listed),
    _one_or_several(_WHOLE),
]
#: Values of a parameter, or by parameter those of one machine.
Settings = Annotated[
    Any,
    BeforeValidator(_settings),
    WithJsonSchema(
        {"anyOf": [*_SETTINGS["anyOf"], {"type": "object", "additionalProperties": _SETTINGS}]}
    ),
]
Condition = Annotated[Any, BeforeValidator(_condition), _one_or_several(_CONDITION)]


class SparsitySection(StrictModel):
    """Shares of zeros, and which weights become zero."""

    levels: Annotated[
        list[Annotated[int | float | str, BeforeValidator(_level)]],
        Field(description="Levels from 0 to below 1, or START:STOP:STEP."),
        BeforeValidator(_listed),
        _one_or_several({"type": ["number", "string"]}),
    ]
    method: Annotated[
        Text | None, Field(description="Which weights become zero, as of the scheme.")
    ] = None
    seed: Annotated[Seeds | None, Field(description="Of what is drawn at random.")] = None


class ExploreSection(StrictModel):
    """What ``hwsim explore`` looks for among the points of the study."""

    objectives: Annotated[Texts | None, Field(description="What is to be small.")] = None
    budget: Annotated[
        int | None,
        Field(ge=1, le=MOST_POINTS, description="How many points are evaluated at most."),
    ] = None
    sampler: Annotated[Text | None, Field(description="How points are chosen.")] = None
    seed: Annotated[int | None, Field(ge=0, le=LARGEST_SEED, description="Of the sampler.")] = None


class NetworkOptions(StrictModel):
    """How the file of a network is read, and what of it is evaluated."""

    topology: Annotated[
        Text | None, Field(description="Geometry of weights that carry none: a name or a file.")
    ] = None
    input_size: Annotated[
        ExtentPair | None, Field(description="Rows and columns of the network's input.")
    ] = None
    skip: Annotated[Texts | None, Field(description="Arrays that are no layers.")] = None
    take: Annotated[Texts | None, Field(description="Arrays that are weights of layers.")] = None
    transpose: Annotated[Texts | None, Field(description="Arrays stored inputs x filters.")] = None
    unpack: Annotated[
        Texts | None, Field(description="GLOB=FORMAT: what the integers of arrays stand for.")
    ] = None
    tokens: Annotated[
        list[Annotated[Text, BeforeValidator(_count)]] | None,
        Field(description="N or GLOB=N: tokens or time steps of layers."),
        BeforeValidator(_listed),
        _one_or_several({"type": ["string", "integer"]}),
    ] = None
    inputs: Annotated[
        Texts | None, Field(description="NAME=SIZES: shapes that an ONNX model leaves open.")
    ] = None
    values: Annotated[
        Texts | None, Field(description="NAME=NUMBER: values that decide what an ONNX model runs.")
    ] = None
    key: Annotated[Text | None, Field(description="Where the network is in a file.")] = None
    layout: Annotated[
        Literal["torch", "keras"], Field(description="Where the filters of weights stand.")
    ] = "torch"
    layers: Annotated[
        Texts | None, Field(description="Patterns of the layers to evaluate; all if none.")
    ] = None
    quantize_layers: Annotated[
        Texts | None, Field(description="Patterns of the layers that schemes change.")
    ] = None


class ModelSection(NetworkOptions):
    """A network with options of its own, in place of the study's."""

    file: Annotated[Text, Field(description="The weight file.")]
    name: Annotated[Text | None, Field(description="What to call it; else the file.")] = None

    @property
    def label(self) -> str:
        """The coordinate of its points."""
        return self.name or self.file

    @property
    def own(self) -> dict[str, Any]:
        """The options that it has in place of the study's."""
        said = self.model_fields_set - {"file", "name"}
        return {name: getattr(self, name) for name in NetworkOptions.model_fields if name in said}


class StudyDocument(NetworkOptions):
    """A study: networks, machines, schemes, and what varies of them.

    Every key that takes a list is an axis; axes multiply.
    """

    study: Annotated[
        Text | None, Field(description="Name of the study; that of the file if there is none.")
    ] = None
    model: Annotated[
        list[Annotated[ModelSection, BeforeValidator(_network)]],
        Field(description="Weight files, relative to the study's folder."),
        BeforeValidator(_listed),
        _one_or_several({"anyOf": [_TEXT, ModelSection.model_json_schema()]}),
    ]
    arch: Annotated[
        Texts, Field(default_factory=lambda: ["sigma"], description="Machines, by name or file.")
    ]
    settings: Annotated[
        dict[Text, Settings],
        Field(
            default_factory=dict,
            alias="set",
            description="Parameters, options and technology of the machines: a value or several; "
            "under the name of a machine, of that one only.",
        ),
    ]
    engine: Annotated[
        list[Text | None] | None,
        Field(description="In place of the machine's own, which null stands for."),
        BeforeValidator(_listed),
        _one_or_several({"type": ["string", "null"], "minLength": 1}),
    ] = None
    density: Annotated[
        Literal["actual", "statistical"], Field(description="The very zeros, or their share.")
    ] = "actual"
    activations: Annotated[
        list[Annotated[Text, BeforeValidator(_share_or_text)]] | None,
        Field(description="measured, dense, a share, or a file of them."),
        BeforeValidator(_listed),
        _one_or_several({"anyOf": [_TEXT, _SHARE]}),
    ] = None
    activation_density: Annotated[
        list[Annotated[float, Field(gt=0, le=1)]] | None,
        Field(description="Expected share of activations that are not zero."),
        BeforeValidator(_listed),
        _one_or_several(_SHARE),
    ] = None
    scheme: Annotated[
        Texts,
        Field(
            default_factory=lambda: list(DEFAULT_SCHEMES), description="NAME or NAME:KEY=VALUE,..."
        ),
    ]
    sparsity: Annotated[
        SparsitySection | None,
        BeforeValidator(_levels),
        Field(description="Levels for the schemes that have a sparsity."),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": ["number", "string"]},
                    {"type": "array", "items": {"type": ["number", "string"]}, "minItems": 1},
                    SparsitySection.model_json_schema(),
                ]
            }
        ),
    ] = None
    seed: Annotated[
        Seeds | None, Field(description="Of schemes that draw at random; one or several.")
    ] = None
    energy: Annotated[
        Texts | None, Field(description="Energy tables, by name or file; all price every point.")
    ] = None
    program: Annotated[Text | None, Field(description="The program of the engine.")] = None
    docker: Annotated[Text | None, Field(description="An image that holds the program.")] = None
    timeout_s: Annotated[
        float,
        Field(
            ge=PROGRAM_S.least,
            le=PROGRAM_S.most,
            description="For each run of the program, seconds.",
        ),
    ] = 3600.0
    exclude: Annotated[
        list[dict[Text, Condition]],
        Field(
            default_factory=list,
            description="Points to leave out, by some coordinates; texts are patterns.",
        ),
    ]
    baseline: Annotated[
        Text | None, Field(description="The scheme that ratios are relative to.")
    ] = None
    expect: Annotated[Texts | None, Field(description="What hwsim check has to find true.")] = None
    explore: Annotated[
        ExploreSection | None, Field(description="What hwsim explore looks for.")
    ] = None
