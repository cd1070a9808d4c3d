"""What STONNE's program can be told: the options of its command line and their defaults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

from hwsim.engines.stonne.files.hardware_config import read_hardware_config
from hwsim.engines.stonne.files.options import (
    CONTROLLERS,
    DATAFLOWS,
    DEFAULTS,
    GENERATORS,
    MULTIPLIER_NETWORKS,
    OPERATIONS,
    PORTS,
    REDUCE_NETWORKS,
    TARGETS,
    Value,
)
from hwsim.errors import InputError, did_you_mean

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "rn_type": REDUCE_NETWORKS,
    "mn_type": MULTIPLIER_NETWORKS,
    "mem_ctrl": CONTROLLERS,
    "dataflow": DATAFLOWS,
}
#: Choices that may also be given by their number, in capitals or not.
_NUMBERED: Final[Mapping[str, tuple[str, ...]]] = {
    "generate_tile": TARGETS,
    "generator": GENERATORS,
}
_FLAGS: Final = ("accumulation_buffer", "print_stats", "optimize")
_PERCENT: Final = ("MK_sparsity", "KN_sparsity")
#: The program counts in unsigned integers of 32 bits.
_LARGEST: Final = 2**31 - 1
#: What the program's configuration of a mesh says, and its command line has to be told.
_MESH: Final[Mapping[str, Value]] = {
    "mn_type": "OS_MESH",
    "mem_ctrl": "TPU_OS_DENSE",
    "rn_type": "TEMPORALRN",
    "accumulation_buffer": 1,
}


@dataclass(frozen=True)
class StonneSettings:
    """One run of STONNE's program.

    Parameters
    ----------
    operation : {"CONV", "DenseGEMM", "FC", "SparseGEMM"}
        What is run.
    values : mapping of str to int or str
        Every option of the operation; defaults where nothing else was said.
    hardware : mapping of str to mapping
        Keys of a ``.cfg`` that change nothing but what the result file repeats of them, by
        section.
    """

    operation: str
    values: Mapping[str, Value]
    hardware: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, operation: str, given: Mapping[str, object]) -> Self:
        """Check what is said of a run and complete it.

        Parameters
        ----------
        operation : str
            What is run.
        given : mapping
            Options by their name without the dash. A dense GEMM with rows or columns of a mesh is
            run on the mesh, with what its configuration says, unless something else is given.

        Raises
        ------
        InputError
            If there is no such operation or option, or a value is none of its.
        """
        defaults = _defaults(operation)
        if "ms_rows" in given or "ms_cols" in given:
            defaults = {**defaults, **{key: _MESH[key] for key in _MESH if key in defaults}}
        checked = {name: _value(operation, name, value) for name, value in given.items()}
        return cls(operation, {**defaults, **checked})

    @classmethod
    def of_command_line(cls, arguments: Iterable[str]) -> Self:
        """Read the program's own command line, the operation first.

        Parameters
        ----------
        arguments : iterable of str
            What follows the program's name, such as ``-CONV`` and ``-R=3``. A configuration file
            of STONNE, ``-hwconfig=FILE``, is taken besides; options say more than it does.

        Raises
        ------
        InputError
            As :meth:`of`, for what is no option, and for a number that the program wants to be a
            power of two and is none.
        """
        first, *rest = arguments or [""]
        operation = first.removeprefix("-")
        if not first.startswith("-") or operation not in OPERATIONS:
            if first == "-SparseDense":
                raise InputError(
                    "-SparseDense: hwsim has no MAGMA, the machine that STONNE runs this on; "
                    f"it has {', '.join(f'-{name}' for name in OPERATIONS)}"
                )
            known = [f"-{name}" for name in OPERATIONS]
            raise InputError(f"unknown operation {first!r}{did_you_mean(first, known)}")
        given: dict[str, Value] = {}
        settings = cls(operation, _defaults(operation))
        for argument in rest:
            name, equals, value = argument.removeprefix("-").partition("=")
            if not argument.startswith("-") or not equals:
                raise InputError(f"-{operation}: expected -OPTION=VALUE. Got {argument!r}")
            if name == "hwconfig":
                settings = settings.with_hardware(*read_hardware_config(value))
                continue
            given[name] = _value(operation, name, value, dash="-")
            if name in (*PORTS, "ms_rows", "ms_cols"):
                _refuse_no_power_of_two(name, given[name])
        return replace(settings, values={**settings.values, **given})

    def with_hardware(
        self, values: Mapping[str, Value], hardware: Mapping[str, Mapping[str, int]]
    ) -> Self:
        """Take over what a configuration file says, as far as the operation knows it."""
        known = {name: value for name, value in values.items() if name in self.values}
        return replace(self, values={**self.values, **known}, hardware=hardware)

    def with_values(self, values: Mapping[str, Value]) -> Self:
        """Change options."""
        return replace(self, values={**self.values, **values})

    def number(self, name: str) -> int:
        """Read an option that is a number; 0 where the operation has none of the name."""
        return int(self.values.get(name, 0))

    def text(self, name: str) -> str:
        """Read an option that is a name."""
        return str(self.values[name])

    def numbers(self, *names: str) -> tuple[int, ...]:
        """Read several options that are numbers."""
        return tuple(self.number(name) for name in names)

    @property
    def arguments(self) -> list[str]:
        """What follows the program's name, one argument an item: all but its own defaults."""
        defaults = DEFAULTS[self.operation]
        said = [name for name, value in self.values.items() if value != defaults[name]]
        return [f"-{self.operation}", *(f"-{name}={self.values[name]}" for name in said)]

    @property
    def on_mesh(self) -> bool:
        """Whether the multipliers are a mesh."""
        return self.values.get("mn_type") == "OS_MESH"


def _defaults(operation: str) -> dict[str, Value]:
    if operation not in DEFAULTS:
        raise InputError(f"unknown operation {operation!r}{did_you_mean(operation, OPERATIONS)}")
    return dict(DEFAULTS[operation])


def _value(operation: str, name: str, value: object, dash: str = "") -> Value:
    defaults = DEFAULTS[operation]
    if name not in defaults:
        known = [dash + known for known in defaults]
        raise InputError(
            f"{dash}{operation}: unknown option {dash + name!r}{did_you_mean(dash + name, known)}"
        )
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            raise InputError(
                f"{dash}{name}: expected {', '.join(_CHOICES[name])}. Got {value!r}"
                f"{did_you_mean(str(value), _CHOICES[name])}"
            )
        return str(value)
    if name in _NUMBERED:
        return _numbered(dash, name, value)
    if name == "layer_name":
        return _file_name(dash + name, value)
    number = _whole(dash + name, value)
    if name in _FLAGS and number not in (0, 1):
        raise InputError(f"{dash}{name}: expected 0 or 1. Got {number}")
    if name in _PERCENT and number > 100:
        raise InputError(f"{dash}{name}: expected 0 to 100 percent. Got {number}")
    return number


def _numbered(dash: str, name: str, value: object) -> str:
    choices = _NUMBERED[name]
    by_name = {choice.lower(): choice for choice in choices}
    by_name |= {str(number): choice for number, choice in enumerate(choices)}
    if (asked := str(value).lower()) not in by_name:
        words = ", ".join(f"{number} or {choice}" for number, choice in enumerate(choices))
        raise InputError(f"{dash}{name}: expected {words}. Got {value!r}")
    return by_name[asked]


def _file_name(option: str, value: object) -> str:
    if not isinstance(value, str) or not value or "/" in value or not value.isprintable():
        raise InputError(f"{option}: expected a name that can be part of a file's. Got {value!r}")
    return value


def _whole(option: str, value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,99}", value):
        value = int(value)
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise InputError(f"{option}: expected a whole number, 0 or more. Got {value!r}")
    number = int(value.__index__())
    if not 0 <= number <= _LARGEST:
        raise InputError(f"{option}: expected a whole number, 0 to {_LARGEST}. Got {number}")
    return number


def _refuse_no_power_of_two(name: str, value: Value) -> None:
    if int(value).bit_count() != 1:
        raise InputError(f"-{name}: expected a power of two. Got {value}")
