"""Parameters of schemes, declared as data: a default, its bounds, and one wording of errors."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from hwsim.errors import InputError, did_you_mean
from hwsim.plain_number import plain_float, plain_int


class Bounds(Protocol):
    """What a parameter may be; its text completes the sentence "must be ..."."""

    def read(self, text: str) -> object:
        """Turn text into a value; ``ValueError`` if it is none."""

    def accepts(self, value: object) -> bool:
        """Say whether a value will do."""


class Number(NamedTuple):
    """A number between two bounds, both allowed.

    Parameters
    ----------
    low, high : float
        The bounds.
    whole : bool
        Whether only integers will do.
    """

    low: float
    high: float
    whole: bool = False

    def __str__(self) -> str:
        kind = "an integer in" if self.whole else "in"
        return f"{kind} [{self.low:.12g}, {self.high:.12g}]"

    def read(self, text: str) -> int | float:
        """Turn text into the number; ``ValueError`` if it is none, or a bound by rounding only."""
        if self.whole:
            return plain_int(text)
        value = plain_float(text)
        if value in (self.low, self.high) and Decimal(text) != Decimal(value):
            raise ValueError(text)
        return value

    def accepts(self, value: object) -> bool:
        """Say whether a value is a number within the bounds, and none that is shown as a bound."""
        kinds = int if self.whole else (int, float)
        return (
            isinstance(value, kinds)
            and not isinstance(value, bool)
            and self.low <= value <= self.high
            and not self.rounds_to_bound(value)
        )

    def rounds_to_bound(self, value: float) -> bool:
        """Say whether a number is no bound and yet looks like one in six digits."""
        bounds = self.low, self.high
        return value not in bounds and f"{value:.6g}" in [f"{bound:.6g}" for bound in bounds]


class Choice(NamedTuple):
    """One of a few words.

    Parameters
    ----------
    options : tuple of str
        The words.
    """

    options: tuple[str, ...]

    def __str__(self) -> str:
        return "one of " + ", ".join(self.options)

    def read(self, text: str) -> str:
        """Take the text as it is."""
        return text

    def accepts(self, value: object) -> bool:
        """Say whether a value is one of the words."""
        return value in self.options


def number(default: float | None, low: float, high: float) -> Any:
    """Declare a dataclass field that holds a number in [low, high], or None if that is default."""
    return dataclasses.field(default=default, metadata={"bounds": Number(low, high)})


def integer(default: int, low: int, high: int) -> Any:
    """Declare a dataclass field that holds an integer in [low, high]."""
    return dataclasses.field(default=default, metadata={"bounds": Number(low, high, whole=True)})


def choice(default: str, *others: str) -> Any:
    """Declare a dataclass field that holds the default or one of the other words."""
    return dataclasses.field(default=default, metadata={"bounds": Choice((default, *others))})


def bounds_of(scheme: type) -> dict[str, Bounds]:
    """List a scheme's parameters and what each may be, in the order of declaration."""
    return {
        field.name: field.metadata["bounds"]
        for field in dataclasses.fields(scheme)
        if "bounds" in field.metadata
    }


def read_parameters(scheme: type, name: str, text: Mapping[str, str]) -> dict[str, object]:
    """Read the parameters of a scheme from text.

    Parameters
    ----------
    scheme : type
        The scheme's class.
    name : str
        Its name, for the errors.
    text : mapping of str to str
        What was given, e.g. ``{"p": "0.5"}``.

    Returns
    -------
    dict
        Values of the right types, within their bounds.

    Raises
    ------
    InputError
        For a key that the scheme does not have, or a value that it cannot take.
    """
    bounds = bounds_of(scheme)
    values: dict[str, object] = {}
    for key, word in text.items():
        if key not in bounds:
            hint = did_you_mean(key, bounds) if bounds else "; it has none"
            raise InputError(f"scheme {name!r} has no parameter {key!r}{hint}")
        try:
            values[key] = bounds[key].read(word)
        except (ValueError, ArithmeticError):
            raise InputError(f"scheme {name!r}: {key} must be {bounds[key]}. Got {word}") from None
    return values


def check_parameters(scheme: object, name: str) -> None:
    """Refuse a scheme whose parameters are out of bounds.

    Raises
    ------
    InputError
        Naming the parameter, its bounds and what it was.
    """
    for key, bounds in bounds_of(type(scheme)).items():
        value = getattr(scheme, key)
        left_out = value is None and default_of(scheme, key) is None
        if not (left_out or bounds.accepts(value)):
            shown = f"{value:.12g}" if isinstance(value, float) else value
            if isinstance(bounds, Number) and isinstance(value, float):
                shown += ", which rounds to a bound" if bounds.rounds_to_bound(value) else ""
            raise InputError(f"scheme {name!r}: {key} must be {bounds}. Got {shown}")


def refuse_idle(scheme: Any, key: str, unless: tuple[str, str | None]) -> None:
    """Refuse a parameter that was set although another one leaves it without effect.

    Parameters
    ----------
    scheme : Scheme
        The scheme, its parameters set.
    key : str
        The parameter that may be idle.
    unless : (str, str or None)
        The other parameter and the value under which ``key`` has an effect; None: left out.

    Raises
    ------
    InputError
        If ``key`` is not at its default and the other parameter differs from that value.
    """
    other, needed = unless
    found = getattr(scheme, other)
    if getattr(scheme, key) != default_of(scheme, key) and found != needed:
        when = f"without {other}" if needed is None else f"with {other}={needed}"
        raise InputError(
            f"scheme {scheme.name!r}: {key} has an effect only {when}. Got {other}={found}"
        )


def refuse_alone(scheme: Any, key: str, without: str) -> None:
    """Refuse a parameter that was set although the one that it belongs to was left out.

    Raises
    ------
    InputError
        If ``key`` is not at its default and ``without`` is None.
    """
    if getattr(scheme, key) != default_of(scheme, key) and getattr(scheme, without) is None:
        raise InputError(
            f"scheme {scheme.name!r}: {key} has an effect only with {without}, which is not given"
        )


def default_of(scheme: Any, key: str) -> object:
    """Tell what a parameter is that nobody sets."""
    return next(field.default for field in dataclasses.fields(scheme) if field.name == key)
