"""Load an architecture: a shipped name or a YAML file, what it extends, overrides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from hwsim.arch._options import resolve_options
from hwsim.arch._parameters import resolve_parameters
from hwsim.arch.architecture import Arch
from hwsim.arch.former_names import FORMER_NAMES, name_today
from hwsim.arch.spec import ArchSpec
from hwsim.arch.technology import TECHNOLOGY_KEYS, override_technology
from hwsim.errors import InputError, did_you_mean
from hwsim.shipped import shipped_folder, yaml_names
from hwsim.yaml_file import YamlFile, named_file, read_text


def list_archs() -> list[str]:
    """Names of the architectures that ship with hwsim, sorted."""
    return yaml_names(shipped_folder("arch_specs"))


def load_arch(name_or_path: str | Path, overrides: Mapping[str, object] | None = None) -> Arch:
    """Load an architecture.

    Parameters
    ----------
    name_or_path : str or Path
        A shipped name, e.g. ``"sigma"`` (see :func:`list_archs`), or a YAML file. A name that a
        machine had before is taken with a :class:`~hwsim.errors.FormerNameWarning`.
    overrides : mapping of str to int or str, optional
        Parameters to set, e.g. ``{"num_ms": 64}``, and keys of the technology as text with units,
        e.g. ``{"node": "45 nm"}``; options by the name of a choice. A parameter that follows
        another one (the ports of ``sigma`` follow its multipliers) keeps following it unless it
        is set too.

    Returns
    -------
    Arch
        The architecture, every parameter checked.

    Raises
    ------
    InputError
        For an unknown name or parameter, a spec that breaks the schema (with file, line and
        key), or a value that breaks a bound.
    """
    path, note = _find(name_or_path)
    (file, *bases), spec = _checked(_read_files(path))
    if not isinstance(overrides, Mapping | None):
        raise InputError(f"overrides: expected a mapping like {{'num_ms': 64}}. Got {overrides!r}")
    chosen = dict(overrides or {})
    place = f"arch {spec.name!r}"
    texts = {name: chosen[name] for name in TECHNOLOGY_KEYS if name in chosen}
    if len(texts) < len(chosen):  # a wrong parameter is named before a wrong technology
        names = {name: value for name, value in chosen.items() if name not in texts}
        settable = TECHNOLOGY_KEYS if spec.technology else ()
        resolve_parameters(spec.parameters, names, lambda name: place, spec.options, settable)
    technology = override_technology(spec.technology, texts, lambda name: place)
    spec = spec.model_copy(update={"technology": technology})
    inherited = {str(base.path): base.text for base in bases}
    return Arch.of_spec(
        spec,
        chosen,
        lambda name: place,
        path=str(file.path),
        text=file.text,
        inherited=inherited,
        note=note,
    )


def override_arch(arch: Arch, overrides: Mapping[str, object]) -> Arch:
    """Set more of an architecture, as :func:`load_arch` does with all overrides at once.

    Parameters
    ----------
    arch : Arch
        With overrides of its own; those of the same names are replaced.
    overrides : mapping of str to int or str
        Parameters, options and keys of the technology.

    Raises
    ------
    InputError
        As :func:`load_arch`.
    """
    place = f"arch {arch.name!r}"
    texts = {name: overrides[name] for name in TECHNOLOGY_KEYS if name in overrides}
    technology = override_technology(arch.spec.technology, texts, lambda name: place)
    return Arch.of_spec(
        arch.spec.model_copy(update={"technology": technology}),
        {**arch.overrides, **overrides},
        lambda name: place,
        path=arch.path,
        text=arch.text,
        inherited=arch.inherited,
        note=arch.note,
    )


def _find(name_or_path: str | Path, base: Path | None = None) -> tuple[Path, str]:
    """Turn a name or a path (relative to the folder ``base``) into a path, and a note of it."""
    shipped = list_archs()
    path = named_file(name_or_path, [*shipped, *FORMER_NAMES])
    if path is not None:
        return (path if base is None else base / path), ""
    name, note = name_today(str(name_or_path))
    if name not in shipped:
        raise InputError(f"unknown arch {name!r}{did_you_mean(name, shipped)}")
    return shipped_folder("arch_specs") / f"{name}.yaml", note


_SUFFIXES: Final = (".yaml", ".yml")
#: Every spec has one of them; of what is none nothing is repeated in a message.
_KEYS_OF_SPECS: Final = frozenset({"engine", "extends"})
#: A spec with all that it inherits through ``extends``: paths and texts, the nearest first.
_Texts = tuple[tuple[Path, str], ...]


def _read_files(path: Path, extending: tuple[Path, ...] = ()) -> _Texts:
    """Read a spec and those that it extends."""
    if extending and path.suffix not in _SUFFIXES:
        raise InputError(f"{extending[-1]}: extends: expected a spec, .yaml. Got {str(path)!r}")
    text = read_text(path)
    file = _parsed(path, text)
    if extending and not _KEYS_OF_SPECS & set(file.data):
        raise InputError(f"{extending[-1]}: extends: {path} is no spec of a machine")
    chain = (*extending, path.resolve())
    if chain[-1] in extending:
        names = " -> ".join(step.name for step in chain)
        raise InputError(f"{extending[-1]}: extends: goes in a circle: {names}")
    if "extends" not in file.data:
        return ((path, text),)
    base = file.data["extends"]
    if not isinstance(base, str):
        raise InputError(
            f"{file.where(('extends',))}: extends: expected the name or path of a spec"
        )
    try:
        base_path, _ = _find(base, path.parent)
    except InputError as error:
        raise InputError(f"{file.where(('extends',))}: extends: {error}") from None
    return ((path, text), *_read_files(base_path, chain))


@lru_cache(maxsize=64)
def _parsed(path: Path, text: str) -> YamlFile:
    return YamlFile.of_text(path, text)


@lru_cache(maxsize=64)
def _checked(texts: _Texts) -> tuple[tuple[YamlFile, ...], ArchSpec]:
    """Check a spec, once for the same texts: every GEMM loads its machine."""
    files = tuple(_parsed(path, text) for path, text in texts)
    content: dict[str, Any] = {}
    for file in reversed(files):  # a fault of a base is not blamed on what extends it
        content = _merge(content, file.data)
        spec = file.parse(ArchSpec, content)
    # As the file has it, so that a fault of the file is not blamed on what was set.
    resolve_parameters(spec.parameters, {}, lambda name: file.where(("parameters", name, "value")))
    resolve_options(spec.options, {}, lambda name: file.where(("options", name, "value")))
    return files, spec


def _merge(inherited: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Lay mappings over one another key by key; everything else is replaced."""
    merged = dict(inherited)
    for key, value in own.items():
        below = merged.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        merged[key] = _merge(below, value) if both else value  # type: ignore[arg-type]
    return merged
