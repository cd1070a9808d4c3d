"""Find the topology that a set of weights belongs to, or say how they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from contextlib import suppress

from hwsim.errors import InputError
from hwsim.networks._chain import follow
from hwsim.networks.geometry import Geometry, shape_text
from hwsim.networks.topology import Topology
from hwsim.networks.topology_file import load_topology, topology_names, topology_path

Shapes = Mapping[str, tuple[int, ...]]

#: The share of layers that may differ from a topology that is called close.
_NEAR = 0.5
#: The size from which a square is no window of a convolution.
_WINDOW = 12
#: Differences that a message names; the others are counted.
_SHOWN = 3


def find_topology(shapes: Shapes, input_size: tuple[int, int] | None = None) -> Topology | None:
    """Look for the first shipped topology with the same names and shapes, at this or its own size.

    The number of classes may differ.
    """
    for name in _likeliest_first(shapes):
        topology = load_topology(name)
        if any(not differences(shapes, expected) for expected in _sizes(topology, input_size)):
            return topology
    return None


def _sizes(topology: Topology, input_size: tuple[int, int] | None) -> list[tuple[Geometry, ...]]:
    """Follow the topology at its own input size, and at another where that is large enough.

    Where a feature map is flattened, the shape of the next layer depends on the input size.
    """
    variants = [follow(topology)]
    with suppress(InputError):
        variants.append(follow(topology, input_size))
    return variants


def closest(shapes: Shapes) -> tuple[Topology, list[str], float]:
    """Find the shipped topology of which the fewest layers differ, how, and which share of them."""
    candidates = []
    for name in _likeliest_first(shapes):
        topology = load_topology(name)
        expected = follow(topology)
        found = differences(shapes, expected)
        union = len(shapes.keys() | {geometry.name for geometry in expected})
        candidates.append((len(found) / union, topology, found))
    share, topology, found = min(candidates, key=lambda candidate: candidate[0])
    return topology, found, share


def no_topology(shapes: Shapes, file_name: str) -> str:
    """Say that no topology fits, which one nearly does, if any, and what to do."""
    near, found, share = closest(shapes)
    what = f"no topology has the shapes of its {len(shapes)} layers"
    if share <= _NEAR:
        what += f"; the closest is {near.name!r}, but {in_words(found)}"
    elif _filters_are_last(shapes):
        return (
            f"{what}; its convolutions look stored as rows x columns x channels x filters: "
            "--layout keras"
        )
    return (
        f"{what}. `hwsim network topology {file_name} > t.yaml` writes one to fill in for "
        "--topology (`hwsim network list` names those shipped); or import the network from torch "
        "or ONNX, which keeps the geometry (docs/networks.md)"
    )


def _filters_are_last(shapes: Shapes) -> bool:
    """Tell small squares in the first two dimensions of most convolutions, and none in the last."""
    windows = [shape for shape in shapes.values() if len(shape) == 4]
    last = [s for s in windows if s[0] == s[1] < min(s[3], _WINDOW) and not s[2] == s[3] < _WINDOW]
    return len(last) > len(windows) / 2


def _likeliest_first(shapes: Shapes) -> list[str]:
    """Order the topologies by how many of the layers their files mention; short files first."""
    texts = {name: topology_path(name).read_text(encoding="utf-8") for name in topology_names()}

    def unlikeliness(name: str) -> tuple[int, int]:
        mentioned = sum(f" {layer}," in texts[name] for layer in shapes)
        return (-mentioned, len(texts[name]))

    return sorted(texts, key=unlikeliness)


def topology_names_of(shapes: Shapes, expected: Sequence[Geometry]) -> dict[str, str]:
    """Translate a file's layer names to a topology's: the topology's name by the file's.

    A prefix that all of the file's names share (``model.``, ``backbone.``) goes when the topology
    knows none of them; other names of a layer (``aka``) become its own. A second copy of a layer,
    under its own and another name, is left out.
    """
    own = {geometry.name for geometry in expected}
    aliases = {also: geometry.name for geometry in expected for also in geometry.aka}
    prefix = _shared_prefix(shapes, own | aliases.keys())
    names = {}
    for name, shape in shapes.items():
        plain = name.removeprefix(prefix)
        layer = aliases.get(plain, plain)
        twin = shapes.get(prefix + layer)
        if layer == plain or twin is None:
            names[name] = layer
        elif twin != shape:
            names[name] = plain
    return names


def _shared_prefix(shapes: Shapes, known: Set[str]) -> str:
    prefix = ""
    while not any(name.removeprefix(prefix) in known for name in shapes):
        heads = {name.removeprefix(prefix).partition(".")[:2] for name in shapes}
        if len(heads) != 1 or ("." not in next(iter(heads))):
            return ""
        prefix += "".join(heads.pop())
    return prefix


def differences(shapes: Shapes, expected: Sequence[Geometry]) -> list[str]:
    """Word each layer that differs, in the topology's order; none if the weights belong to it.

    A last linear layer may have any number of filters (classes).
    """
    names = topology_names_of(shapes, expected)
    found = {plain: shapes[name] for name, plain in names.items()}
    phrases = []
    for geometry in expected:
        shape = found.pop(geometry.name, None)
        if shape is None:
            phrases.append(f"{geometry.name} is missing")
        elif not _fits(shape, geometry, is_last=geometry is expected[-1]):
            phrases.append(
                f"{geometry.name} is {shape_text(shape)}, expected {shape_text(geometry.shape)}"
            )
    return phrases + [f"{name} is not in it" for name in found]


def _fits(shape: tuple[int, ...], geometry: Geometry, is_last: bool) -> bool:
    if is_last and geometry.kind == "linear":
        return shape[1:] == geometry.shape[1:] and len(shape) == 2
    return shape == geometry.shape


def few(names: Sequence[str]) -> str:
    """List the first few names."""
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")


def in_words(phrases: Sequence[str]) -> str:
    """Join the first few differences, and say how many more there are."""
    more = len(phrases) - _SHOWN
    return "; ".join(phrases[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
