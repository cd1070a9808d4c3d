"""Follow the data through a topology: what each layer reads, at any input size."""

from __future__ import annotations

from dataclasses import dataclass

from hwsim.errors import InputError
from hwsim.networks.geometry import Geometry, shape_text
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
    frames: int = 1


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
    flow: Flow = Maps(topology.input.channels, size, topology.input.frames)
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
    window = _Window.of(entry, maps)
    steps, *kernel = window.kernel
    return Geometry(
        name=entry.conv,
        kind="conv",
        # The steps of a window over frames are channels of one over maps.
        shape=(entry.filters, maps.channels // entry.groups * steps, *kernel),
        stride=window.stride[1:],
        padding=window.padding[1:],
        padding_end=entry.padding_end,
        dilation=window.dilation[1:],
        groups=entry.groups,
        input_size=maps.size,
        images=_slide(entry, maps, where)[0],
        aka=aka,
    )


Triple = tuple[int, int, int]


@dataclass(frozen=True)
class _Window:
    """A window over frames, rows and columns."""

    kernel: Triple
    stride: Triple
    padding: Triple
    dilation: Triple

    @classmethod
    def of(cls, entry: Conv | Pool, maps: Maps) -> _Window:
        dimensions = _dimensions(entry.kernel, maps)
        return cls(
            _of_three(entry.kernel, dimensions, 1),
            _of_three(entry.stride or entry.kernel, dimensions, 1),
            _of_three(entry.padding, dimensions, 0),
            _of_three(entry.dilation, dimensions, 1),
        )


def _dimensions(numbers: tuple[int, ...], maps: Maps) -> int:
    """Tell the dimensions of a window; one number stands for all that the input has."""
    return len(numbers) if len(numbers) > 1 else 2 + (maps.frames > 1)


def _of_three(numbers: tuple[int, ...], dimensions: int, of_frames: int) -> Triple:
    """Give numbers of frames, rows and columns."""
    listed = numbers * dimensions if len(numbers) == 1 else numbers
    frames, rows, columns = (of_frames, *listed) if len(listed) == 2 else listed
    return (frames, rows, columns)


def _output(entry: Entry, flow: Flow, where: str) -> Flow:
    match entry:
        case Conv():
            frames, *size = _slide(entry, _maps(flow, where), where)
            return Maps(entry.filters, (size[0], size[1]), frames)
        case Linear():
            return Vectors(entry.features, _flattened(flow).count)
        case Pool():
            maps = _maps(flow, where)
            frames, *size = _slide(entry, maps, where)
            return Maps(maps.channels, (size[0], size[1]), frames)
        case AdaptivePool():
            maps = _maps(flow, where)
            frames, *size = _of_three(entry.size, _dimensions(entry.size, maps), maps.frames)
            return Maps(maps.channels, (size[0], size[1]), frames)
        case Tokens():
            maps = _maps(flow, where)
            positions = maps.frames * maps.size[0] * maps.size[1]
            return Vectors(maps.channels, positions + entry.extra)
        case Attention():
            vectors = _vectors(flow, where)
            if vectors.features % 3:
                raise InputError(f"{where}: {vectors.features} features are no Q, K and V")
            return Vectors(vectors.features // 3, vectors.count)
        case FirstToken():
            return Vectors(_vectors(flow, where).features, 1)
    raise TypeError(f"{type(entry).__name__} is no kind of entry")


def _slide(entry: Conv | Pool, maps: Maps, where: str) -> Triple:
    """Count the positions of a window along frames, rows and columns."""
    sizes, window = (maps.frames, *maps.size), _Window.of(entry, maps)
    frames, rows, columns = (_positions(entry, window, sizes, axis) for axis in (0, 1, 2))
    if min(frames, rows, columns) < 1:
        first = 0 if maps.frames > 1 or window.kernel[0] > 1 else 1
        size, kernel = shape_text(sizes[first:]), shape_text(window.kernel[first:])
        raise InputError(f"{where} has no output: its input is {size}, its kernel {kernel}")
    return (frames, rows, columns)


def _positions(entry: Conv | Pool, window: _Window, sizes: Triple, axis: int) -> int:
    size, length, stride = sizes[axis], window.kernel[axis], window.stride[axis]
    padding, dilation = window.padding[axis], window.dilation[axis]
    end = None
    if axis and isinstance(entry, Conv) and entry.padding_end is not None:
        end = entry.padding_end[axis - 1]
    positions = window_positions(size, length, stride, padding, dilation, end)
    if isinstance(entry, Pool) and entry.ceil and positions >= 1:
        left_over = (size + 2 * padding - dilation * (length - 1) - 1) % stride
        # A last, partial window counts only if it starts on the input (as in PyTorch).
        if left_over and positions * stride < size + padding:
            positions += 1
    return positions


def _joined(sources: list[Flow], where: str) -> Flow:
    first = sources[0]
    if len(sources) == 1:
        return first
    maps = [_maps(source, where) for source in sources]
    if any((other.size, other.frames) != (maps[0].size, maps[0].frames) for other in maps):
        several = any(other.frames > 1 for other in maps)
        sizes = ", ".join(shape_text((m.frames, *m.size) if several else m.size) for m in maps)
        raise InputError(f"{where}: cannot concatenate feature maps of {sizes}")
    return Maps(sum(other.channels for other in maps), maps[0].size, maps[0].frames)


def _flattened(flow: Flow) -> Vectors:
    if isinstance(flow, Maps):
        return Vectors(flow.channels * flow.frames * flow.size[0] * flow.size[1], 1)
    return flow


def _maps(flow: Flow, where: str) -> Maps:
    if not isinstance(flow, Maps):
        raise InputError(f"{where} needs feature maps, but reads vectors")
    return flow


def _vectors(flow: Flow, where: str) -> Vectors:
    if not isinstance(flow, Vectors):
        raise InputError(f"{where} needs vectors, but reads feature maps")
    return flow
