"""MAERI's controller: the weights of a tile stay while windows pass; partial sums may return."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hwsim.engines.stonne.components.distribution import Kind, Packet
from hwsim.engines.stonne.components.linear_fabric import LinearFabric
from hwsim.engines.stonne.components.memory import Controller

#: The controller's loops, the innermost first; the first three are the folds of an output.
_LOOPS: Final = ("S", "R", "C", "Y", "X", "K", "G", "N")
_FOLDS: Final = 3


@dataclass(frozen=True)
class TiledLayer:
    """A convolution in tiles.

    Parameters
    ----------
    extent : mapping of str to int
        ``R S C K G N X Y``: C and K of a group, X and Y of the output.
    tile : mapping of str to int
        How much of each is on the multipliers at once.
    strides : int
        Of the windows.
    returns : bool
        Whether partial sums return from the buffer to a multiplier of each neuron.
    """

    extent: Mapping[str, int]
    tile: Mapping[str, int]
    strides: int
    returns: bool

    @property
    def steps(self) -> dict[str, int]:
        """How often each loop goes around."""
        return {name: -(-self.extent[name] // self.tile[name]) for name in _LOOPS}

    @property
    def folds(self) -> int:
        """Sums that make an output."""
        steps = self.steps
        return steps["S"] * steps["R"] * steps["C"]

    @property
    def neuron_size(self) -> int:
        """Multipliers of a virtual neuron."""
        return self.tile["R"] * self.tile["S"] * self.tile["C"] + self.returns

    @property
    def neurons(self) -> int:
        """Virtual neurons side by side."""
        return len(list(self.places()))

    def places(self) -> Iterator[tuple[int, int, int, int, int]]:
        """Give (n, g, k, x, y) of each virtual neuron."""
        groups, filters, inputs, rows, columns = (range(self.tile[name]) for name in "GKNXY")
        return itertools.product(inputs, groups, filters, rows, columns)

    @property
    def hands_on(self) -> bool:
        """Whether multipliers of a row hand activations to their left neighbours."""
        return (
            self.tile["Y"] == 1
            and self.strides == 1
            and self.extent["S"] % self.tile["S"] == 0
            and self.tile["S"] > 1
        )

    def multiplier(self, place: tuple[int, int, int, int, int], c: int, r: int, s: int) -> int:
        """Find the multiplier of a product of a virtual neuron."""
        neuron = 0
        for name, index in zip("NGKXY", place, strict=True):
            neuron = neuron * self.tile[name] + index
        product = (c * self.tile["R"] + r) * self.tile["S"] + s
        return neuron * self.neuron_size + product + self.returns


class _Counter:
    """The loops of the controller, or of the outputs of a virtual neuron."""

    def __init__(self, steps: Mapping[str, int]) -> None:
        self.steps = steps
        self.at = dict.fromkeys(_LOOPS, 0)

    def advance_folds(self) -> bool:
        """Go on to the next fold; returns whether all have been."""
        for name in _LOOPS[:_FOLDS]:
            self.at[name] += 1
            if self.at[name] < self.steps[name]:
                return False
            self.at[name] = 0
        return True

    def advance(self) -> int:
        """Go one step on; returns how many loops came around, all of them at the end."""
        for around, name in enumerate(_LOOPS):
            self.at[name] += 1
            if self.at[name] < self.steps[name]:
                return around
            self.at[name] = 0
        return len(_LOOPS)


class DenseController(Controller):
    """Runs a convolution in tiles.

    Parameters
    ----------
    fabric : LinearFabric
        What it controls.
    layer : TiledLayer
        What is run.
    """

    def __init__(self, fabric: LinearFabric, layer: TiledLayer) -> None:
        super().__init__(fabric.ports, fabric.outputs)
        self.fabric = fabric
        self.layer = layer
        self._loops = _Counter(layer.steps)
        self._loaded = self._all_sent = False
        self._load = 0
        steps = layer.steps
        folds = layer.folds
        sums = folds if layer.returns else 1
        self._places = list(layer.places())
        of_outputs = steps if layer.returns else {**steps, "S": 1, "R": 1, "C": 1}
        self._written = [_Counter(of_outputs) for _ in self._places]
        self._sums_of_output = sums
        self._summed = [0] * len(self._places)
        self._outputs = 0
        windows = steps["Y"] * steps["X"] * steps["K"] * steps["G"] * steps["N"]
        self._wanted = windows * sums * len(self._places)
        self._outputs_of_turn = layer.extent["X"] * layer.extent["Y"] * sums
        self._weights = self._weight_packets()
        self._activations = {first: self._activation_packets(first) for first in (True, False)}
        for number, multiplier in enumerate(self.fabric.multipliers[: self._used]):
            multiplier.folds, multiplier.windows = folds, layer.extent["Y"]
            multiplier.returns = layer.returns and number % layer.neuron_size == 0
        if layer.hands_on:
            self._link_multipliers()

    @property
    def _used(self) -> int:
        return self.layer.neuron_size * len(self._places)

    def _link_multipliers(self) -> None:
        tile = self.layer.tile
        channels, rows, columns = (range(tile[name]) for name in "CRS")
        for place, c, r, s in itertools.product(self._places, channels, rows, columns):
            multiplier = self.fabric.multipliers[self.layer.multiplier(place, c, r, s)]
            multiplier.gives, multiplier.takes = s > 0, s < tile["S"] - 1

    def _weight_packets(self) -> list[tuple[dict[str, int], int]]:
        """Give each weight of a tile and who waits for it, in the order in which they are sent."""
        tile, found = self.layer.tile, []
        for g, k, c, r, s in itertools.product(*(range(tile[name]) for name in "GKCRS")):
            waiting = 0
            for n, x, y in itertools.product(*(range(tile[name]) for name in "NXY")):
                waiting |= 1 << self.layer.multiplier((n, g, k, x, y), c, r, s)
            found.append(({"G": g, "K": k, "C": c, "R": r, "S": s}, waiting))
        return found

    def _activation_packets(self, whole: bool) -> list[tuple[dict[str, int], int]]:
        """Give each activation of a tile and who waits for it.

        ``whole`` is False where the multipliers hand on what they had: then only the last column
        of the windows is sent.
        """
        tile, strides = self.layer.tile, self.layer.strides
        rows = tile["R"] + (tile["X"] - 1) * strides
        columns = tile["S"] + (tile["Y"] - 1) * strides
        found = []
        for row, column in itertools.product(
            range(rows), range(0 if whole else columns - 1, columns)
        ):
            windows = [
                (x, y, row - x * strides, column - y * strides)
                for x in range(tile["X"])
                for y in range(tile["Y"])
                if 0 <= row - x * strides < tile["R"] and 0 <= column - y * strides < tile["S"]
            ]
            for n, g, c in itertools.product(*(range(tile[name]) for name in "NGC")):
                waiting = 0
                for k, (x, y, r, s) in itertools.product(range(tile["K"]), windows):
                    waiting |= 1 << self.layer.multiplier((n, g, k, x, y), c, r, s)
                found.append(({"C": c, "R": row, "S": column}, waiting))
        return found

    @property
    def _turn(self) -> int:
        at, tile = self._loops.at, self.layer.tile
        of_groups = at["G"] * tile["G"] * self.layer.extent["K"]
        return of_groups + at["K"] * tile["K"] * tile["G"]

    def _reached(self) -> int:
        return self._outputs // self._outputs_of_turn

    def may_send(self, packet: Packet) -> bool:
        """Whether the outputs of the filters before are done."""
        return packet.turn <= self._reached()

    def distribute(self) -> None:
        """Send the weights of a fold, or the activations of one."""
        turn = self._turn
        if self._all_sent or turn > self._reached():
            return
        if self._loaded:
            self._send_activations(turn)
        else:
            self._send_weights(turn)

    def _send_weights(self, turn: int) -> None:
        extent, tile = self.layer.extent, self.layer.tile
        at = {name: self._loops.at[name] * tile[name] for name in _LOOPS}
        for offset, waiting in self._weights:
            inside = all(at[name] + offset[name] < extent[name] for name in "RSCK")
            self.reads[Kind.WEIGHT] += inside
            self.queue(self.split(Kind.WEIGHT, waiting, turn, self._load))
        self._loaded = self._loops.advance_folds()

    def _send_activations(self, turn: int) -> None:
        extent, tile, at = self.layer.extent, self.layer.tile, self._loops.at
        bounds = {
            "R": tile["X"] + extent["R"] - 1,
            "S": tile["Y"] + extent["S"] - 1,
            "C": extent["C"],
        }
        whole = not self.layer.hands_on or at["Y"] == 0
        for offset, waiting in self._activations[whole]:
            inside = all(at[name] * tile[name] + offset[name] < bounds[name] for name in bounds)
            self.reads[Kind.ACTIVATION] += inside
            self.queue(self.split(Kind.ACTIVATION, waiting, turn, self._load))
        around = self._loops.advance()
        self._loaded = around < _LOOPS.index("K")
        self._load += not self._loaded
        self._all_sent = around == len(_LOOPS)

    def take(self, line: int, neuron: int) -> None:
        """Take an output, or a partial sum that has to go back."""
        counter = self._written[neuron]
        self.writes += self._inside(neuron, counter)
        self._outputs += 1
        self.received_from[line] += 1
        self._summed[neuron] += 1
        if self._summed[neuron] < self._sums_of_output:
            self.reads[Kind.PARTIAL_SUM] += 1
            self.queue(self.split(Kind.PARTIAL_SUM, 1 << neuron * self.layer.neuron_size))
        else:
            self._summed[neuron] = 0
        self.finished = self.finished or self._outputs == self._wanted
        counter.advance()

    def _inside(self, neuron: int, counter: _Counter) -> bool:
        extent, tile = self.layer.extent, self.layer.tile
        return all(
            index + counter.at[name] * tile[name] < extent[name]
            for name, index in zip("NGKXY", self._places[neuron], strict=True)
        )

    def advance(self) -> None:
        """Stay: this controller has no states."""

    def totals(self) -> dict[str, Any]:
        """Give the name of its only dataflow."""
        return {"Dataflow": "CNN_DATAFLOW"}
