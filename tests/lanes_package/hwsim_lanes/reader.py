"""Weights as text: a line a layer, with its geometry."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from hwsim.networks.geometry import Geometry
from hwsim.networks.readers.protocol import CarriedGeometry, Contents


class TextReader:
    """Reads ``.lanes``: JSON lines with ``layer``, ``weight``, ``padding`` and ``input_size``."""

    suffixes = (".lanes",)

    def recognises(self, head: bytes) -> bool:
        """Tell by the first key."""
        return head.startswith(b'{"layer"')

    def read(self, path: Path) -> Contents:
        """Read all lines."""
        tensors, layers = {}, []
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            weight = np.array(entry["weight"], dtype=np.float32)
            tensors[f"{entry['layer']}.weight"] = weight
            layers.append(
                Geometry(
                    entry["layer"],
                    "conv",
                    weight.shape,
                    padding=tuple(entry["padding"]),
                    input_size=tuple(entry["input_size"]),
                )
            )
        geometry = CarriedGeometry(path.stem, tuple(layers))
        return Contents(tensors, geometry, provenance="hwsim-lanes, text")
