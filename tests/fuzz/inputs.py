"""Good inputs that are changed, and what comes of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

import hwsim
from hwsim.networks import save_network
from hwsim.networks.network import Layer, Network
from tests.fuzz import mutations
from tests.fuzz.forked import run_forked

CASES: Final = Path(__file__).parents[1] / "cases"
CHECKOUT: Final = Path(hwsim.__file__).parents[1]

Command = tuple[str, ...]


@dataclass(frozen=True)
class Seed:
    """A good input: the file that is changed, those that stand beside it, and what reads them.

    Parameters
    ----------
    changed : str
        Name of the file.
    files : mapping of str to bytes
        All of them.
    commands : sequence of tuple of str
        Command lines, one of which is drawn.
    """

    changed: str
    files: Mapping[str, bytes]
    commands: Sequence[Command]


@dataclass(frozen=True)
class Input:
    """What one try is made of."""

    files: Mapping[str, bytes]
    command: Command
    negative: str | None


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Parameters
    ----------
    seeds : callable
        Makes the good inputs in an empty folder.
    needs : str, optional
        The package that this takes and that hwsim's tests can do without.
    """

    seeds: Callable[[Path], list[Seed]]
    needs: str = ""

    @property
    def can_be_made(self) -> bool:
        """Whether what it needs is installed."""
        return not self.needs or find_spec(self.needs) is not None

    def draw(self, seeds: Sequence[Seed], draw: Random) -> Input:
        """Make an input."""
        seed = draw.choice(seeds)
        mutated = mutations.mutated(seed.files[seed.changed], draw)
        files = {**seed.files, seed.changed: mutated.content}
        return Input(files, draw.choice(seed.commands), mutated.negative)


def small_network() -> Network:
    """A convolution that schemes quantise, and a classifier."""
    draw = np.random.default_rng(3).laplace
    conv = {"padding": (1, 1), "input_size": (3, 3)}
    return Network(
        "small",
        (
            Layer("stem", "conv", draw(size=(4, 2, 3, 3)).astype(np.float32), **conv),
            Layer("block.conv", "conv", draw(size=(4, 4, 3, 3)).astype(np.float32), **conv),
            Layer("fc", "linear", draw(size=(3, 4)).astype(np.float32)),
        ),
        notes=("weights drawn at random for a test",),
        quantized_layers=("block.conv",),
    )


def network_file(folder: Path) -> dict[str, bytes]:
    path = folder / "m.npz"
    save_network(small_network(), path)
    return {"m.npz": path.read_bytes()}


def cases(*names: str) -> dict[str, bytes]:
    return {name.rpartition("/")[2]: (CASES / name).read_bytes() for name in names}


def made_by(folder: Path, files: Mapping[str, bytes], *commands: Command) -> dict[str, bytes]:
    """Give what commands left in a folder, files of sub-folders by their path."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    for command in commands:
        outcome = run_forked(command, folder, clock_s=600)
        assert outcome.code in (0, 1), outcome
    made = (each for each in folder.rglob("*") if each.is_file() and each.suffix not in {".png"})
    return {str(each.relative_to(folder)): each.read_bytes() for each in made}


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of an input into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
