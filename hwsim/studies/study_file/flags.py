"""The same study from the options of a command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from hwsim.arch import parse_overrides
from hwsim.errors import InputError
from hwsim.schemes import scheme_names
from hwsim.schemes.presets import PRESETS
from hwsim.studies.study_file.problems import Problems
from hwsim.studies.study_file.reading import study_with
from hwsim.studies.study_file.study import Study
from hwsim.yaml_file import Key

#: Options that are lists with commas, and may be given several times; of files and names.
_LISTS: Final = ("model", "arch", "engine", "activations", "energy")
#: Options whose texts are taken whole.
_TEXTS: Final = (
    "skip",
    "take",
    "transpose",
    "unpack",
    "tokens",
    "inputs",
    "values",
    "layers",
    "quantize_layers",
    "expect",
)
#: Options that are called otherwise than the key of the file.
_OPTIONS: Final = {
    ("inputs",): "--input",
    ("values",): "--value",
    ("timeout_s",): "--timeout",
    ("sparsity", "method"): "--method",
    ("sparsity", "levels"): "--sparsity",
}


def study_of_flags(name: str = "sweep", **options: Any) -> Study:
    """Read a study from options.

    Parameters
    ----------
    name : str
        What it is called.
    **options
        By key of the study file; None stands for an option that was not given, and any of them may
        be a text or a list of texts, for options that were given several times. ``model``,
        ``arch``, ``engine``, ``activations``, ``activation_density``, ``energy``, ``seed``,
        ``sparsity`` and ``scheme`` may hold several with commas. ``set`` is ``"num_ms=64,128"``,
        of one machine ``"sigma.num_ms=64,128"``; ``exclude`` is ``"scheme=pruned*,num_ms=64"``;
        ``method`` goes with ``sparsity``. Files are relative to the working folder.

    Returns
    -------
    Study
        That of a file which says the same.

    Raises
    ------
    InputError
        As :func:`~hwsim.studies.study_file.read_study`, with options in place of lines.

    Examples
    --------
    >>> study = study_of_flags(
    ...     model="a.npz", scheme="dense,pruned:method=random,seed=1", set=["num_ms=64,128"]
    ... )  # doctest: +SKIP
    """
    given = {key: value for key, value in options.items() if value not in (None, [], ())}
    spec: dict[str, Any] = {"study": name}
    for key, value in given.items():
        if key not in ("method", "sparsity"):
            spec[key] = _READERS.get(key, _plain)(value)
    if "sparsity" in given:
        spec["sparsity"] = {"levels": _split(given["sparsity"])}
        if "method" in given:
            spec["sparsity"]["method"] = given["method"]
    elif "method" in given:
        raise InputError("--method: says which weights become zero; give --sparsity, too")
    return study_with(Problems("options", spec, _option, named=False), spec, Path())


def split_schemes(text: str) -> list[str]:
    """Split schemes at commas, of which their parameters have some, too.

    Parameters
    ----------
    text : str
        E.g. ``"dense,pruned:method=random,seed=1,binary"``.

    Returns
    -------
    list of str
        ``["dense", "pruned:method=random,seed=1", "binary"]``: what looks like ``KEY=VALUE`` and
        names no scheme belongs to the scheme before it.
    """
    known = {*scheme_names(), *PRESETS}
    schemes: list[str] = []
    for part in text.split(","):
        parameter = re.match(r"\s*([\w-]+)\s*=", part)
        if schemes and parameter and parameter[1].replace("_", "-") not in known:
            schemes[-1] += f",{part}"
        else:
            schemes.append(part.strip())
    return schemes


def _texts(value: str | Path | Iterable[str]) -> list[str]:
    return [str(value)] if isinstance(value, str | Path) else [str(each) for each in value]


def _split(value: str | Path | Sequence[str]) -> list[str]:
    """Split at commas, unless there is a file that is called so."""
    found: list[str] = []
    for text in _texts(value):
        found += [text] if Path(text).is_file() else [part.strip() for part in text.split(",")]
    return found


def _schemes(value: str | Sequence[str]) -> list[str]:
    return [scheme for text in _texts(value) for scheme in split_schemes(text)]


def _numbers(key: str, kind: type[int] | type[float]) -> Any:
    def read(value: Any) -> list[int | float]:
        given = _split(value) if isinstance(value, str | list | tuple) else [value]
        try:
            return [kind(each) for each in given]
        except ValueError:
            words = "whole numbers" if kind is int else "numbers"
            raise InputError(f"{_option((key,))}: expected {words}. Got {value!r:.80}") from None

    return read


def _settings(value: str | Sequence[str]) -> dict[str, Any]:
    """Read ``num_ms=64,128`` and ``sigma.num_ms=64``; a machine's name may be a file."""
    settings: dict[str, Any] = {}
    for text in _texts(value):
        name, _, values = text.partition("=")
        machine, dot, parameter = name.strip().rpartition(".")
        section = settings.setdefault(machine, {}) if dot else settings
        if not isinstance(section, dict) or parameter in section:
            raise InputError(f"--set {name.strip()}: set twice; give all values with commas")
        section[parameter] = [
            parse_overrides([f"{parameter}={each}"])[parameter] for each in values.split(",")
        ]
    return settings


def _exclusions(value: str | Sequence[str]) -> list[dict[str, str]]:
    conditions = []
    for text in _texts(value):
        parts = [part.partition("=") for part in text.split(",")]
        if not all(axis.strip() and equals for axis, equals, _ in parts):
            raise InputError(
                f"--exclude {text!r}: expected AXIS=PATTERN, several with commas, e.g. "
                "'scheme=pruned*,num_ms=64'"
            )
        conditions.append({axis.strip(): pattern.strip() for axis, _, pattern in parts})
    return conditions


def _plain(value: Any) -> Any:
    return value


_READERS: Final = {
    **dict.fromkeys(_LISTS, _split),
    **dict.fromkeys(_TEXTS, _texts),
    "scheme": _schemes,
    "set": _settings,
    "exclude": _exclusions,
    "seed": _numbers("seed", int),
    "activation_density": _numbers("activation_density", float),
}


def _option(key: Key) -> str:
    """Name the option that a key comes from."""
    names = tuple(part for part in key if isinstance(part, str))
    for start, option in _OPTIONS.items():
        if names[: len(start)] == start:
            return option
    if not names:
        return "options"
    option = f"--{names[0].replace('_', '-')}"
    return f"{option} {'.'.join(names[1:])}" if names[0] == "set" and names[1:] else option
