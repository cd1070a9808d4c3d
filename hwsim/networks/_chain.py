"""Follow the data through a topology: what each layer reads, at any input size."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.errors import InputError
from hwsim.networks.geometry import Geometry
from hwsim.networks.network import window_positions
from hwsim.networks.topology import (
    AdaptivePool,
    Attention,
    Conv,
    Entry,
    FirstToken,
    Linear,
    Pool,
    Tokens,
    Topology,
    entry_name,
)


@dataclass(frozen=True)
class Maps:
    """Feature maps: channels of rows x columns."""

    channels: int
    size: tuple[int, int]


@dataclass(frozen=True)
class Vectors:
    """A sequence of vectors."""

    features: int
    count: int


Flow = Maps | Vectors


def follow(topology: Topology, input_size: tuple[int, int] | None = None) -> tuple[Geometry, ...]:
    """Work out the geometry of every convolution and linear layer, in order.

    ``input_size`` is (rows, columns), the topology's own when not given. A network that does not
    fit together is refused, and so is a layer without output at this size.
    """
    size = input_size or topology.input.size
    flow: Flow = Maps(topology.input.channels, size)
    outputs: dict[str, Flow] = {}
    geometries = []
    for entry in topology.layers:
        name = entry_name(entry)
        where = f"topology {topology.name!r} at input {size[0]}x{size[1]}: {name!r}"
        if entry.from_ is not None:
            flow = _joined([outputs[source] for source in entry.from_], where)
        if isinstance(entry, Conv | Linear):
            geometry = _layer(entry, flow, where)
            geometries.append(geometry)
        flow = _output(entry, flow, where)
        outputs[name] = flow
    return tuple(geometries)


def _layer(entry: Conv | Linear, flow: Flow, where: str) -> Geometry:
    aka = tuple(entry.aka)
    if isinstance(entry, Linear):
        vectors = _flattened(flow)
        shape = (entry.features, vectors.features)
        return Geometry(entry.linear, "linear", shape, vectors=vectors.count, aka=aka)
    maps = _maps(flow, where)
    if maps.channels % entry.groups or entry.filters % entry.groups:
        raise InputError(
            f"{where}: {entry.groups} groups do not divide "
            f"{maps.channels} channels and {entry.filters} filters"
        )
    return Geometry(
        name=entry.conv,
        kind="conv",
        shape=(entry.filters, maps.channels // entry.groups, *entry.kernel),
        stride=entry.stride,
        padding=entry.padding,
        dilation=entry.dilation,
        groups=entry.groups,
        input_size=maps.size,
        aka=aka,
    )


def _output(entry: Entry, flow: Flow, where: str) -> Flow:
    match entry:
        case Conv():
            return Maps(entry.filters, _slide(entry, _maps(flow, where).size, where))
        case Linear():
            return Vectors(entry.features, _flattened(flow).count)
        case Pool():
            maps = _maps(flow, where)
            return Maps(maps.channels, _slide(entry, maps.size, where))
        case AdaptivePool():
            return Maps(_maps(flow, where).channels, entry.size)
        case Tokens():
            maps = _maps(flow, where)
            return Vectors(maps.channels, maps.size[0] * maps.size[1] + entry.extra)
        case Attention():
            vectors = _vectors(flow, where)
            if vectors.features % 3:
                raise InputError(f"{where}: {vectors.features} features are no Q, K and V")
            return Vectors(vectors.features // 3, vectors.count)
        case FirstToken():
            return Vectors(_vectors(flow, where).features, 1)
    raise TypeError(f"{type(entry).__name__} is no kind of entry")


def _slide(entry: Conv | Pool, size: tuple[int, int], where: str) -> tuple[int, int]:
    stride = entry.stride or entry.kernel
    rows, columns = (
        _positions(entry, size[axis], entry.kernel[axis], stride[axis], axis) for axis in (0, 1)
    )
    if rows < 1 or columns < 1:
        raise InputError(
            f"{where} has no output: its input is {size[0]}x{size[1]}, "
            f"its kernel {entry.kernel[0]}x{entry.kernel[1]}"
        )
    return (rows, columns)


def _positions(entry: Conv | Pool, size: int, window: int, stride: int, axis: int) -> int:
    padding, dilation = entry.padding[axis], entry.dilation[axis]
    positions = window_positions(size, window, stride, padding, dilation)
    if isinstance(entry, Pool) and entry.ceil and positions >= 1:
        left_over = (size + 2 * padding - dilation * (window - 1) - 1) % stride
        # A last, partial window counts only if it starts on the input (as in PyTorch).
        if left_over and positions * stride < size + padding:
            positions += 1
    return positions


def _joined(sources: list[Flow], where: str) -> Flow:
    first = sources[0]
    if len(sources) == 1:
        return first
    maps = [_maps(source, where) for source in sources]
    if any(other.size != maps[0].size for other in maps):
        sizes = ", ".join(f"{rows}x{columns}" for rows, columns in (m.size for m in maps))
        raise InputError(f"{where}: cannot concatenate feature maps of {sizes}")
    return Maps(sum(other.channels for other in maps), maps[0].size)


def _flattened(flow: Flow) -> Vectors:
    if isinstance(flow, Maps):
        return Vectors(flow.channels * flow.size[0] * flow.size[1], 1)
    return flow


def _maps(flow: Flow, where: str) -> Maps:
    if not isinstance(flow, Maps):
        raise InputError(f"{where} needs feature maps, but reads vectors")
    return flow


def _vectors(flow: Flow, where: str) -> Vectors:
    if not isinstance(flow, Vectors):
        raise InputError(f"{where} needs vectors, but reads feature maps")
    return flow
