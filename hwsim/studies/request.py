"""What a study asks for: said once, checked once, and passed whole."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any, Final

import numpy as np

from hwsim.arch import Arch, load_arch
from hwsim.energy import EnergyModel, load_energy_tables, own_energy_table
from hwsim.energy.physical.model import GROUP as PRICED
from hwsim.engines import Engine, ProgramOptions, check_machine, engine_of, load_engine
from hwsim.engines.protocol import as_engine, refuse_program
from hwsim.entry_points import registered
from hwsim.errors import InputError
from hwsim.framing import frame, read_frame, reading
from hwsim.networks import Network
from hwsim.networks.arrays.options import FILE_OPTIONS, FileOptions
from hwsim.networks.geometry import as_input_size
from hwsim.networks.reading_steps import Report, unseen
from hwsim.schemes import parse_scheme
from hwsim.studies._model_file import read_model
from hwsim.studies.machine import EngineName, Machine
from hwsim.workload import Activations

_KIND: Final = "request 1"
#: What may stand in fields of which nothing is looked up yet, in types and in words.
_KINDS: Final[Mapping[str, tuple[tuple[type, ...], str]]] = {
    "model": ((str, PathLike, Network), "a weight file or a network"),
    "arch": ((str, PathLike, Arch), "a name, a file or an architecture"),
    "topology": ((str, PathLike), "a name or a file"),
    "overrides": ((Mapping,), "a mapping like {'num_ms': 64}"),
    "density": ((str,), "actual or statistical"),
    "activations": ((str, PathLike), "a file"),
    "program": ((str, PathLike), "a file"),
    "docker": ((str,), "the name of an image"),
}
#: The comparison that hwsim is for.
DEFAULT_SCHEMES: Final = ("dense", "binary", "signed-binary")
#: The energy table that a run's headline is by.
HEADLINE: Final = "physical"


@dataclass(frozen=True)
class Request:
    """A network under schemes on a machine, and what evaluates and prices it.

    A request names things and loads nothing. Its plain fields are checked when it is made, what
    it names when that is loaded, by the methods below and nowhere else.

    Parameters
    ----------
    model : str, Path or Network, optional
        A weight file, see :func:`hwsim.load_network`, or a network; None for what needs none.
    arch : str, Path or Arch
        An architecture, see :func:`hwsim.load_arch`.
    schemes : sequence of str
        Schemes as text, e.g. ``"signed-binary:p=0.5"``; see :func:`hwsim.quantize`. One that
        stands twice is taken once.
    layers : str or sequence of str, optional
        Name patterns of the layers to evaluate, e.g. ``"layer1.*"``, and with ``!`` of those not
        to; all when not given.
    quantize_layers : str or sequence of str, optional
        Name patterns of the layers that schemes change; those of the paper when not given.
    topology, input_size : optional
        The geometry of a weight file that carries none; see :func:`hwsim.load_network`.
    skip, take, transpose, unpack, tokens, inputs, values, key, layout : optional
        What the names of a weight file's arrays do not say; see
        :class:`hwsim.networks.arrays.options.FileOptions`.
    energy : str, Path, EnergyModel, or a sequence of them, optional
        Energy tables, see :func:`hwsim.load_energy_table`, also as one text with commas
        (``"stonne,physical"``). When not given, a run has ``physical`` and the architecture's
        beside it, anything else the architecture's.
    overrides : mapping of str to int or str, optional
        Parameters of the architecture to set, e.g. ``{"num_ms": 64, "node": "45 nm"}``.
    engine : str or Engine, optional
        Evaluate with this one in place of the architecture's.
    density : {"actual", "statistical"}
        Whether to use the very zeros of the weights, or only their share, strewn at random; the
        latter is for engines that work with expected values (``sparseloop``).
    activation_density : float
        Expected share of activations that are not zero, above 0 to 1.
    activations : str or Path, optional
        In place of that share: ``measured``, the densities that the network carries (a run takes
        them where nothing is said), ``dense``, a share as text, a ``.csv`` file with the columns
        ``layer`` and ``share``, or an ``.npz`` file with the inputs of the layers, of which the
        zeros count: an array for each layer, by its name, (channels, rows, columns) without
        padding, before them the images if there are several, or (vectors, features) of others.
    equal_area : bool
        Whether each scheme of a run has a machine of its own: as many units made for its weights as
        fit the area of ``arch``, on which dense runs. For other studies it has to be false.
    program, docker : optional
        For an engine that runs another tool's program: the file, and an image that holds it
        (``"default"`` is the one that its authors publish).
    timeout_s : float
        For each run of that program, seconds.

    Raises
    ------
    InputError
        If a scheme or a share is none.
    """

    model: str | Path | Network | None = None
    arch: str | Path | Arch = "sigma"
    schemes: Sequence[str] = DEFAULT_SCHEMES
    layers: str | Sequence[str] | None = None
    quantize_layers: str | Sequence[str] | None = None
    topology: str | Path | None = None
    input_size: int | tuple[int, int] | None = None
    skip: str | Sequence[str] = ()
    take: str | Sequence[str] = ()
    transpose: str | Sequence[str] = ()
    unpack: str | Sequence[str] = ()
    tokens: str | Sequence[str] = ()
    inputs: str | Sequence[str] = ()
    values: str | Sequence[str] = ()
    key: str | None = None
    layout: str = "torch"
    energy: str | Path | EnergyModel | Sequence[str | Path | EnergyModel] | None = None
    overrides: Mapping[str, int | str] | None = None
    engine: str | Engine | None = None
    density: str = "actual"
    activation_density: float = 1.0
    activations: str | Path | None = None
    equal_area: bool = False
    program: str | Path | None = None
    docker: str | None = None
    timeout_s: float = 3600.0

    def __post_init__(self) -> None:
        for name, (kinds, words) in _KINDS.items():
            value = getattr(self, name)
            if value is not None and not isinstance(value, kinds):
                raise InputError(f"{name}: expected {words}. Got {value!r:.80}")
        checked = {
            "schemes": _schemes(self.schemes),
            "layers": _patterns("layers", self.layers),
            "quantize_layers": _patterns("quantize_layers", self.quantize_layers),
            "input_size": as_input_size(self.input_size),
            "energy": tuple(self.energy) if isinstance(self.energy, list) else self.energy,
            "overrides": _overrides(self.overrides),
        }
        for name, value in (checked | asdict(self.file_options)).items():
            object.__setattr__(self, name, value)
        Activations(self.activation_density)  # refuses what is no share
        if self.activations is not None and self.activation_density != 1:
            raise InputError(
                f"activations {str(self.activations)!r} and an activation density of "
                f"{self.activation_density:g}: give one of them"
            )
        if not isinstance(self.equal_area, bool):
            raise InputError(f"equal_area: expected True or False. Got {self.equal_area!r:.80}")
        if self.layers == ():
            raise InputError("no layer to evaluate; give at least one pattern, or None for all")
        if not isinstance(self.timeout_s, Real) or not 0 < self.timeout_s < math.inf:
            raise InputError(f"timeout {self.timeout_s!r:.80}: expected seconds, more than 0")

    def load_arch(self) -> Arch:
        """Load the machine.

        Raises
        ------
        InputError
            If it cannot be used, or is loaded already and yet to be overridden.
        """
        if not isinstance(self.arch, Arch):
            return load_arch(self.arch, self.overrides)
        if self.overrides:
            raise InputError(
                f"arch {self.arch.label}: it is loaded already; give load_arch the overrides"
            )
        return self.arch

    def load_prices(self, arch: Arch) -> list[EnergyModel]:
        """Load the energy tables: those asked for, else the machine's.

        Raises
        ------
        InputError
            If one cannot be used, or two have one name.
        """
        if self.energy is None:
            return [own_energy_table(arch)]
        return load_energy_tables(self.energy)

    def load_run_prices(self, arch: Arch) -> list[EnergyModel]:
        """Load the energy tables of a run: those asked for, else ``physical`` and the machine's.

        ``physical`` knows bits, DRAM and units, so that it comes first where it knows the machine.
        At equal area it stands alone: a table of fixed prices knows no narrower units.

        Raises
        ------
        InputError
            As :meth:`load_prices`.
        """
        own = arch.energy_table
        if self.equal_area:
            return load_energy_tables(HEADLINE if self.energy is None else self.energy)
        engine = arch.engine if self.engine is None else self.engine
        name = engine if isinstance(engine, str) else engine.name
        if self.energy is None and arch.technology is not None and name in registered(PRICED):
            headline = load_energy_tables(HEADLINE)
            if own == HEADLINE:
                return headline
            return load_energy_tables([*headline, own_energy_table(arch)])
        return self.load_prices(arch)

    def load_machine(self, arch: Arch) -> Machine:
        """Make the engine of a machine, and name it for workers where it has a name.

        Raises
        ------
        InputError
            As :meth:`load_engine`.
        """
        engine = self.load_engine(arch)
        if self.engine is not None and not isinstance(self.engine, str):
            return Machine.of(arch, engine, engine)
        sent = EngineName(self.engine or arch.engine, self.density, self._program_options)
        return Machine.of(arch, engine, sent)

    def load_engine(self, arch: Arch) -> Engine:
        """Make the engine: the one asked for, else the machine's.

        Raises
        ------
        InputError
            If there is none of the name, it cannot take zeros that way or run this machine, or
            its program cannot be found.
        """
        if self.engine is None or self.engine == "":
            return engine_of(arch, self._program_options).with_density(self.density)
        if isinstance(self.engine, str):
            engine = load_engine(self.engine, self._program_options)
        else:
            refuse_program(self._program_options)
            engine = as_engine(self.engine)
        check_machine(engine, arch)
        return engine.with_density(self.density)

    @property
    def _program_options(self) -> ProgramOptions:
        program = None if self.program is None else str(self.program)
        return ProgramOptions(program, self.docker, self.timeout_s)

    @property
    def file_options(self) -> FileOptions:
        """What is said of the arrays of a weight file."""
        return FileOptions(**{name: getattr(self, name) for name in FILE_OPTIONS})

    def refuse_equal_area(self, study: str, why: str) -> None:
        """Refuse to be compared at equal area by a study of one machine.

        Raises
        ------
        InputError
            If that is asked for.
        """
        if self.equal_area:
            raise InputError(f"{study} knows no equal area: {why}")

    def read_network(self, report: Report = unseen) -> Network:
        """Read the network, with a note of its dead filters; ``report`` is told how far it is.

        Raises
        ------
        InputError
            If there is none, or the file cannot be used.
        """
        if self.model is None:
            raise InputError("no model to evaluate; give a weight file or a network")
        return read_model(self.model, self.topology, self.input_size, self.file_options, report)

    def to_bytes(self) -> bytes:
        """Write it for another process or a file; :meth:`from_bytes` gives it back.

        Raises
        ------
        InputError
            If it holds an engine or an energy model, and not a name: those do not travel.
        """
        held = {name: (getattr(self, name), kind) for name, kind in _HELD}
        objects = {name: value for name, (value, kind) in held.items() if isinstance(value, kind)}
        plain = {
            each.name: _written(each.name, getattr(self, each.name))
            for each in fields(self)
            if each.name not in objects
        }
        contents = {
            name: np.frombuffer(value.to_bytes(), np.uint8) for name, value in objects.items()
        }
        return frame(_KIND, plain, contents)

    @classmethod
    def from_bytes(cls, content: bytes) -> Request:
        """Read what :meth:`to_bytes` wrote.

        Raises
        ------
        InputError
            If it is not that, or not all of it.
        """
        plain, contents = read_frame(_KIND, content)
        values = {name: _read(value) for name, value in plain.items()}
        for name, kind in _HELD:
            if name in contents:
                values[name] = kind.from_bytes(contents[name].tobytes())
        with reading(_KIND):
            return cls(**values)


#: What a request may hold whole in place of its name.
_HELD: Final[tuple[tuple[str, type[Network] | type[Arch]], ...]] = (
    ("model", Network),
    ("arch", Arch),
)


def _written(name: str, value: object) -> Any:
    """Turn a field into what JSON knows; a path stays one, for a text may be a name, too."""
    if isinstance(value, Path):
        return {"path": str(value)}
    if isinstance(value, Mapping):
        return {"values": {key: _written(name, each) for key, each in value.items()}}
    if isinstance(value, list | tuple):
        return [_written(name, each) for each in value]
    if isinstance(value, str | int | float | None):
        return value
    raise InputError(
        f"{name}: a {type(value).__name__} cannot travel with a request; give its name or file"
    )


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return Path(value["path"]) if "path" in value else value["values"]
    return tuple(_read(each) for each in value) if isinstance(value, list) else value


def request_about(model: str | Path | Network | Request, given: Request) -> Request:
    """Take the request that a function's arguments make.

    Parameters
    ----------
    model : str, Path, Network or Request
        The first argument: a model, or a request in place of all.
    given : Request
        Of the other arguments.

    Raises
    ------
    InputError
        If there are other arguments beside a request.
    """
    if not isinstance(model, Request):
        return replace(given, model=model)
    nothing = Request()
    for each in fields(Request):
        if getattr(given, each.name) != getattr(nothing, each.name):
            raise InputError(
                f"a request says everything itself; {each.name} stands beside it: change the "
                "request with dataclasses.replace"
            )
    return model


def _schemes(schemes: str | Sequence[str]) -> tuple[str, ...]:
    names = (
        (schemes,) if isinstance(schemes, str) else tuple(dict.fromkeys(_texts("schemes", schemes)))
    )
    for name in names:  # a misspelt one must not be found out after the others have run
        parse_scheme(name)
    if not names:
        raise InputError("no scheme to evaluate; give at least one, e.g. signed-binary")
    return names


def _overrides(overrides: Mapping[str, int | str] | None) -> Mapping[str, int | str] | None:
    """Keep a copy; nothing overridden is None, and what is no mapping is for the arch to refuse."""
    return (dict(overrides) if isinstance(overrides, Mapping) else overrides) or None


def _patterns(name: str, layers: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if layers is None:
        return None
    return tuple(layers.split(",") if isinstance(layers, str) else _texts(name, layers))


def _texts(name: str, values: object) -> tuple[str, ...]:
    if isinstance(values, Iterable) and not isinstance(values, bytes | Mapping):
        texts = tuple(values)
        if all(isinstance(each, str) for each in texts):
            return texts
    raise InputError(f"{name}: expected a text or a list of texts. Got {values!r:.80}")
