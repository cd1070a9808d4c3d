"""A topology to fill in: what the weights of a file tell, and a mark where they do not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from hwsim.networks.geometry import shape_text
from hwsim.yaml_schema import editor_hint

#: What a user has to replace; no number and no name, so that a topology with it is refused.
FILL_IN: Final = "FILL_IN"
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
Shapes = Mapping[str, tuple[int, ...]]

#: What editors check the file by, when it lies beside it.
_SCHEMA: Final = "topology.schema.json"
_HEAD: Final = (
    f"""\
{editor_hint(_SCHEMA)}
# (hwsim schema topology > {_SCHEMA})
"""
    + """\
# What the weights tell of the network. Replace every FILL_IN, and add what stands between layers:
#   - {{pool: NAME, kernel: 2}}, - {{adaptive_pool: NAME, size: 1}}, from: NAME for a branch.
# The format: docs/topology.md.
name: {name}
source: {source}
input: {{channels: {channels}, size: {size}}}
quantized_layers: null
layers:
"""
)


def topology_template(name: str, shapes: Shapes) -> str:
    """Write the topology of a network of which only the weights are known.

    Parameters
    ----------
    name : str
        Of the network.
    shapes : mapping of str to tuple of int
        Shapes of the weights by layer: (K, C), (K, C/G, S), (K, C/G, R, S) or (K, C/G, T, R, S), in
        the order in which the file has them.

    Returns
    -------
    str
        YAML. Of convolutions stride and padding are to be filled in, and the size of the input; of
        layers that do not read what the one before them gives, where they read. A network of linear
        layers that follow each other is complete.
    """
    first = next(iter(shapes.values()))
    head = _HEAD.format(
        name=_text(name),
        source=_text(f"written by hwsim from the weights of {name}"),
        channels=first[1],
        size=1 if len(first) == 2 else FILL_IN,
    )
    return head + "".join(f"  - {line}\n" for line in _entries(shapes))


def _entries(shapes: Shapes) -> Iterator[str]:
    given: int | None = None
    was_map = True
    for name, shape in shapes.items():
        keys = _linear(name, shape) if len(shape) == 2 else _conv(name, shape)
        reads = shape[1]
        # Feature maps are flattened before a linear layer: the chain tells whether it fits.
        flattened = len(shape) == 2 and was_map and given is not None and reads % given == 0
        grouped = len(shape) > 2 and reads == 1 and shape[0] > 1
        if grouped:
            keys["groups"] = str(given) if given and shape[0] % given == 0 else FILL_IN
        elif given is not None and reads != given and not flattened:
            keys["from"] = FILL_IN
        given, was_map = shape[0], len(shape) > 2
        entry = ", ".join(f"{key}: {value}" for key, value in keys.items())
        what = "inputs" if len(shape) == 2 else "channels of a group" if grouped else "channels"
        yield f"{{{entry}}}  # weights {shape_text(shape)}: {reads} {what}"


def _linear(name: str, shape: tuple[int, ...]) -> dict[str, str]:
    return {"linear": _text(name), "features": str(shape[0])}


def _conv(name: str, shape: tuple[int, ...]) -> dict[str, str]:
    window = shape[2:] if len(shape) > 3 else (1, shape[2])
    same = len(set(window)) == 1 and len(window) == 2
    keys = {
        "conv": _text(name),
        "filters": str(shape[0]),
        "kernel": str(window[0]) if same else str(list(window)),
        "stride": FILL_IN,
    }
    if max(window) > 1:
        keys["padding"] = FILL_IN
    return keys


def _text(text: str) -> str:
    """Write a text so that YAML reads the same one."""
    known = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
    if _PLAIN.fullmatch(text) and text.lower() not in known:
        return text
    return json.dumps(text, ensure_ascii=True)
