"""Schemes by name, and their text form ``name:key=value,key=value``."""

from __future__ import annotations

from importlib.metadata import EntryPoint

from hwsim.entry_points import in_order, load_registered, registered
from hwsim.errors import InputError, did_you_mean
from hwsim.schemes.coding import CODINGS
from hwsim.schemes.parameters import read_parameters
from hwsim.schemes.presets import PRESETS, plain_text
from hwsim.schemes.scheme import Scheme

#: The entry point group of schemes, hwsim's own among them.
GROUP = "hwsim.schemes"
#: hwsim's own as they are listed: what others are compared with, then by the number of levels.
SHIPPED = ("dense", "binary", "ternary", "signed-binary", "pruned")


def scheme_names() -> list[str]:
    """List the schemes that there are: hwsim's own, then those of other packages."""
    return in_order(registered(GROUP), SHIPPED)


def scheme_type(name: str) -> type[Scheme]:
    """Find a scheme's class by its name.

    Parameters
    ----------
    name : str
        E.g. ``signed-binary``; an underscore counts as a hyphen.

    Raises
    ------
    InputError
        If there is no such scheme, or the package that offers it cannot be loaded.
    """
    name = name.strip().lower().replace("_", "-")
    points = registered(GROUP)
    if name not in points:
        raise InputError(f"unknown scheme {name!r}{did_you_mean(name, [*points, *PRESETS])}")
    return _load(points[name])


def parse_scheme(text: str) -> Scheme:
    """Read a scheme from its text form.

    Parameters
    ----------
    text : str
        ``"binary"``, ``"signed-binary:p=0.5,delta=0.05,sign=positional"``, or a preset such as
        ``"bitnet"``; see :data:`hwsim.schemes.presets.PRESETS`.

    Returns
    -------
    Scheme
        With defaults for the parameters that the text leaves out.

    Raises
    ------
    InputError
        If the scheme or a parameter is unknown, given twice, malformed or out of bounds.
    """
    name, colon, rest = plain_text(text).partition(":")
    kind = scheme_type(name)
    given: dict[str, str] = {}
    for part in rest.split(",") if colon else []:
        key, equals, value = (word.strip() for word in part.partition("="))
        if not (key and equals and value):
            raise InputError(f"scheme {text!r}: expected key=value after the colon. Got {part!r}")
        if key in given:
            raise InputError(f"scheme {text!r}: parameter {key!r} is given twice")
        given[key] = value
    return kind(**read_parameters(kind, kind.name, given))


def _load(point: EntryPoint) -> type[Scheme]:
    kind = load_registered(point, "scheme")
    if not (isinstance(kind, type) and issubclass(kind, Scheme)):
        raise InputError(
            f"scheme {point.name!r} (entry point {point.value!r}) is no subclass of "
            "hwsim.schemes.Scheme"
        )
    if getattr(kind, "coding", None) not in CODINGS:
        raise InputError(
            f"scheme {point.name!r} (entry point {point.value!r}) does not say what a weight is; "
            f"set its coding to one of {', '.join(CODINGS)}"
        )
    return kind
