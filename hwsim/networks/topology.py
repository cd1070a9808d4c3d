"""Topologies: the layers of a known network as data, without weights.

A topology is a YAML file. ``workloads/`` ships the well-known ones; your own looks like this::

    name: tiny
    source: who published the network, and where the names of the layers come from
    input: {channels: 3, size: 32}          # size: one number, or [rows, columns]
    quantized_layers: ["block*.conv*"]      # patterns of layer names that quantisation touches by
                                            # default; null: all but the first and the last layer
    layers:                                 # in execution order; each reads what stands before it,
                                            # or the layer that `from` names
      - {conv: stem, filters: 16, kernel: 3, padding: 1}
      - {pool: maxpool, kernel: 2}                               # max or average: same geometry
      - {conv: block1.conv1, filters: 32, kernel: 3, stride: 2, padding: 1}
      - {conv: block1.shortcut, from: maxpool, filters: 32, kernel: 1, stride: 2}
      - {adaptive_pool: avgpool, size: 1}
      - {linear: fc, features: 10}

Names are state-dict names without ``.weight``; channels, weight shapes and the size of every
feature map follow from the chain, so another input size gives the exact geometry. The entries:

- ``conv: NAME`` with ``filters``, ``kernel`` and, if not 1, 0, 1, 1: ``stride``, ``padding``,
  ``dilation``, ``groups``; ``padding_end`` where other zeros stand after rows and columns than
  before them;
- ``linear: NAME`` with ``features`` (its outputs); a feature map before it is flattened;
- ``pool: NAME`` with ``kernel`` and, if not the kernel, 0, 1, false: ``stride``, ``padding``,
  ``dilation``, ``ceil``;
- ``adaptive_pool: NAME`` with ``size``, the size that it always gives;
- ``tokens: NAME`` makes each position of the feature map a vector and adds ``extra`` vectors;
- ``attention: NAME`` takes the queries, keys and values of a joint projection and leaves a third
  of its features (the products of activations have no weights and are not counted);
- ``first_token: NAME`` keeps one vector of the sequence.

One number stands for all dimensions, ``[rows, columns]`` for each. A convolution over time has one
row: ``kernel: [1, 5]`` on an input of ``size: [1, 16000]``. Over a volume or the frames of a video
the ``input`` has ``frames``, and a window ``[frames, rows, columns]``; one of ``[rows, columns]``
slides over each frame by itself.

``from`` may be a list of names whose channels are concatenated. ``aka`` of a ``conv`` or
``linear`` lists other names that weight files use for the same layer.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from hwsim.networks.geometry import (
    Extent,
    ExtentPair,
    ExtentWindow,
    Margin,
    MarginPair,
    MarginWindow,
)
from hwsim.yaml_file import StrictModel, Text

Name = Annotated[str, Field(min_length=1, max_length=200)]


def _as_names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_NAME_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 200}
Names = Annotated[
    list[Name],
    BeforeValidator(_as_names),
    Field(min_length=1, max_length=100),
    WithJsonSchema(
        {"anyOf": [_NAME_SCHEMA, {"type": "array", "items": _NAME_SCHEMA, "maxItems": 100}]}
    ),
]


class Entry(StrictModel):
    """One step of a network: it reads the step before it, or the steps named by ``from``.

    Parameters
    ----------
    from_ : str or list of str, optional
        What it reads in place of the entry before it; of several the channels are concatenated.
    """

    from_: Names | None = Field(default=None, alias="from")


class Conv(Entry):
    """A convolution.

    Parameters
    ----------
    conv : str
        Its name, as in the state dict without ``.weight``.
    filters : int
        Output channels.
    kernel, stride, padding, dilation : int or list of int
        Positions: one number for all dimensions, or [rows, columns], or [frames, rows, columns].
    padding_end : int or list of int, optional
        Zeros after rows and columns, where there are others than before them.
    groups : int
        Into how many groups channels and filters are split.
    aka : str or list of str
        Other names that weight files use for the layer.
    """

    conv: Name
    filters: Extent
    kernel: ExtentWindow
    stride: ExtentWindow = (1,)
    padding: MarginWindow = (0,)
    padding_end: MarginPair | None = None
    dilation: ExtentWindow = (1,)
    groups: Extent = 1
    aka: Names = Field(default_factory=list)


class Linear(Entry):
    """A fully connected layer.

    Parameters
    ----------
    linear : str
        Its name, as in the state dict without ``.weight``.
    features : int
        Outputs.
    aka : str or list of str
        Other names that weight files use for the layer.
    """

    linear: Name
    features: Extent
    aka: Names = Field(default_factory=list)


class Pool(Entry):
    """Max or average pooling.

    Parameters
    ----------
    pool : str
        Its name.
    kernel, stride, padding, dilation : int or list of int
        Positions: one number for all dimensions, or [rows, columns]; the stride is the kernel's
        size if nothing is said.
    ceil : bool
        Whether a window that reaches beyond the edge counts.
    """

    pool: Name
    kernel: ExtentWindow
    stride: ExtentWindow | None = None
    padding: MarginWindow = (0,)
    dilation: ExtentWindow = (1,)
    ceil: bool = False


class AdaptivePool(Entry):
    """Pooling to a fixed size.

    Parameters
    ----------
    adaptive_pool : str
        Its name.
    size : int or list of int
        Rows and columns that it always gives.
    """

    adaptive_pool: Name
    size: ExtentWindow


class Tokens(Entry):
    """A feature map as a sequence of vectors.

    Parameters
    ----------
    tokens : str
        Its name.
    extra : int
        Vectors that are added, such as that of a class.
    """

    tokens: Name
    extra: Margin = 0


class Attention(Entry):
    """Attention between the vectors of a sequence.

    Parameters
    ----------
    attention : str
        Its name; what it reads holds queries, keys and values.
    """

    attention: Name


class FirstToken(Entry):
    """The first vector of a sequence.

    Parameters
    ----------
    first_token : str
        Its name.
    """

    first_token: Name


_KINDS: dict[str, type[Entry]] = {
    "conv": Conv,
    "linear": Linear,
    "pool": Pool,
    "adaptive_pool": AdaptivePool,
    "tokens": Tokens,
    "attention": Attention,
    "first_token": FirstToken,
}


def _as_entry(value: Any) -> Entry:
    kinds = [kind for kind in _KINDS if isinstance(value, dict) and kind in value]
    if len(kinds) != 1:
        raise ValueError(f"should have exactly one of the keys {', '.join(_KINDS)}")
    return _KINDS[kinds[0]].model_validate(value)


class _AnyKind:
    """Describes an entry of any kind in a JSON schema, when somebody asks for one."""

    def __get_pydantic_json_schema__(self, *_: object) -> dict[str, Any]:
        return {"anyOf": [model.model_json_schema() for model in _KINDS.values()]}


def entry_name(entry: Entry) -> str:
    """Give the name of an entry, whatever its kind."""
    for kind, model in _KINDS.items():
        if isinstance(entry, model):
            return str(getattr(entry, kind))
    raise TypeError(f"{type(entry).__name__} is no kind of entry")


class Input(StrictModel):
    """What the network reads.

    Parameters
    ----------
    channels : int
        Channels of the input, e.g. 3.
    size : int or list of int
        Rows and columns.
    frames : int
        Frames of a volume or video.
    """

    channels: Extent
    size: ExtentPair
    frames: Extent = 1


class Topology(StrictModel):
    """A network without its weights; the module's docstring describes the file.

    Parameters
    ----------
    name : str
        What to call it.
    source : str
        Where the geometry comes from.
    input : Input
        What the network reads.
    quantized_layers : list of str or None
        Patterns of the layers that schemes change by default; null if nothing is known.
    layers : list of Entry
        In execution order; each reads what stands before it, or what ``from`` names.
    """

    name: Name
    source: Text
    input: Input
    quantized_layers: Annotated[list[Name], Field(min_length=1)] | None
    layers: Annotated[
        list[Annotated[Entry, PlainValidator(_as_entry), _AnyKind()]],
        Field(min_length=1, max_length=10_000),
    ]

    @property
    def weighted(self) -> list[Conv | Linear]:
        """The entries that have weights."""
        return [entry for entry in self.layers if isinstance(entry, Conv | Linear)]

    def quantized_names(self) -> tuple[str, ...] | None:
        """List the layers that quantisation touches by default; None: the file says nothing."""
        if self.quantized_layers is None:
            return None
        patterns = self.quantized_layers
        names = [entry_name(entry) for entry in self.weighted]
        return tuple(n for n in names if any(fnmatchcase(n, pattern) for pattern in patterns))
