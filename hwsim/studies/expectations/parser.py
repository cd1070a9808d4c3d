"""Read expectations.

The grammar; what is in brackets may be left out, a star repeats, quotes set off any text::

    expectation = measure ["(" scheme ["," scheme] ")"] comparison bound [at] [for]
    comparison  = ">=" | "<=" | "==" | ">" | "<"
    bound       = number [unit] | baseline
    baseline    = "baseline" ["*" number | "/" number] | number "*" "baseline"
    at          = "at" condition ("," condition)*
    condition   = axis ("=" value ("|" value)* | "!=" value ("|" value)* | order number)
    order       = ">=" | "<=" | ">" | "<"
    for         = "for" ["each"] pattern ("," pattern)*
"""

from __future__ import annotations

import math
from typing import Final

from hwsim.errors import InputError, did_you_mean
from hwsim.studies.expectations._scanner import Scanner
from hwsim.studies.expectations.conditions import ORDERS, Condition
from hwsim.studies.expectations.expectation import Bound, Expectation, Layers
from hwsim.studies.expectations.measures import MEASURES, Measure

_COMPARISON: Final = ">=|<=|==|>|<"
_NUMBER: Final = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?(?![0-9.])"
_QUOTED: Final = r"\"([^\"]+)\"|'([^']+)'"
_SCHEME: Final = rf"{_QUOTED}|([^,()\"'\s][^,()\"']*)"
#: Up to the next condition, clause or end.
_VALUE: Final = rf"{_QUOTED}|([^,|\"'\s](?:(?!\s(?:at|for)\s)[^,|\"'])*)"
_PATTERN: Final = rf"{_QUOTED}|([^,\"'\s]+)"


def parse_expectation(text: str, place: str = "") -> Expectation:
    """Read an expectation.

    Parameters
    ----------
    text : str
        E.g. ``"energy_ratio(dense, signed-binary) >= 1.9 at num_ms=128 for layer3.*"``.
    place : str
        Where it stands.

    Returns
    -------
    Expectation
        Its names of schemes, coordinates and layers are not checked.

    Raises
    ------
    InputError
        If it cannot be understood.
    """
    scan = Scanner(text)
    measure = _measure(scan)
    schemes = _schemes(scan, measure)
    comparison = scan.need(_COMPARISON, "a comparison (>=, <=, ==, > or <)")
    bound = _bound(scan, measure)
    conditions: tuple[Condition, ...] = ()
    layers = None
    while not scan.at_end:
        if not conditions and scan.take(r"at(?!\w)"):
            conditions = _conditions(scan)
        elif layers is None and scan.take(r"for(?!\w)"):
            layers = _layers(scan, measure)
        else:
            scan.refuse("'at', 'for' (each once) or the end")
    return Expectation(text.strip(), measure, schemes, comparison, bound, conditions, layers, place)


def parse_conditions(text: str) -> tuple[Condition, ...]:
    """Read conditions by themselves, as they stand after ``at``.

    Raises
    ------
    InputError
        If they cannot be understood.
    """
    scan = Scanner(text)
    conditions = _conditions(scan)
    if not scan.at_end:
        scan.refuse("',' or the end")
    return conditions


def _measure(scan: Scanner) -> Measure:
    name = scan.need(r"[A-Za-z_]\w*", f"a measure ({', '.join(MEASURES)})")
    if name not in MEASURES:
        raise InputError(f"unknown measure {name!r}{did_you_mean(name, MEASURES)}")
    return MEASURES[name]


def _schemes(scan: Scanner, measure: Measure) -> tuple[str, ...]:
    if not scan.take(r"\("):
        return ()
    most = 2 if measure.of else 1
    found: list[str] = []
    while not found or scan.take(","):
        found.append(scan.need(_SCHEME, "a scheme, in quotes if it has commas").strip())
    if len(found) > most:
        schemes = "one scheme" if most == 1 else "one or two schemes"
        raise InputError(
            f"{measure.name} is of {schemes}. Got {', '.join(found)}; a scheme with commas stands "
            "in quotes"
        )
    scan.need(r"\)", "',' or ')'")
    return tuple(found)


def _bound(scan: Scanner, measure: Measure) -> Bound:
    if scan.take(r"baseline\b"):
        sign = scan.take(r"[*/]")
        if sign is None:
            return Bound(1.0, of_baseline=True)
        number = _number(scan)
        if sign == "/" and number == 0:
            raise InputError("baseline / 0 is no bound")
        return Bound(number if sign == "*" else 1 / number, of_baseline=True)
    number = _number(scan)
    if scan.take(r"\*"):
        scan.need(r"baseline\b", "'baseline'")
        return Bound(number, of_baseline=True)
    return Bound(number, _unit(scan, measure))


def _number(scan: Scanner) -> float:
    text = scan.need(_NUMBER, "a number, or 'baseline'")
    if not math.isfinite(float(text)):
        raise InputError(f"{text} is more than a number can be")
    return float(text)


def _unit(scan: Scanner, measure: Measure) -> str:
    known = [unit for unit in measure.units if unit]
    for unit in sorted(known, key=len, reverse=True):
        words = unit.replace(" ", r"\s+")
        if scan.take(rf"{words}(?!\w)"):
            return unit
    word = scan.take(r"(?!(?:at|for)(?!\w))[A-Za-z%]\S*")
    if word is not None and not known:
        raise InputError(f"{measure.name} has no unit. Got {word!r:.60}")
    if word is not None:
        raise InputError(f"unknown unit {word!r:.60} of {measure.name}; known: {', '.join(known)}")
    if "" not in measure.units:
        raise InputError(f"{measure.name} needs a unit: {', '.join(known)}")
    return ""


def _conditions(scan: Scanner) -> tuple[Condition, ...]:
    found = [_condition(scan)]
    while scan.take(","):
        found.append(_condition(scan))
    return tuple(found)


def _condition(scan: Scanner) -> Condition:
    axis = scan.need(r"[A-Za-z_][\w.]*", "a coordinate, as in num_ms=128")
    comparison = scan.need(r">=|<=|!=|==?|>|<", f"a comparison after {axis}, as in {axis}=128")
    if comparison in ORDERS:
        return Condition(axis, comparison, (scan.need(_NUMBER, "a number"),))
    values = [_value(scan)]
    while scan.take(r"\|"):
        values.append(_value(scan))
    return Condition(axis, "!=" if comparison == "!=" else "=", tuple(values))


def _value(scan: Scanner) -> str:
    return scan.need(_VALUE, "a value, in quotes if it has commas").strip()


def _layers(scan: Scanner, measure: Measure) -> Layers:
    if not measure.of_layers:
        raise InputError(f"{measure.name} is of the machine, not of layers; leave out 'for'")
    each = scan.take(r"each(?=\s)") is not None
    patterns = [scan.need(_PATTERN, "a pattern of layers, as in layer3.*")]
    while scan.take(","):
        patterns.append(scan.need(_PATTERN, "a pattern of layers"))
    return Layers(tuple(patterns), each)
