"""Which energy tables and models there are, and how to get one by name or path."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING

from hwsim.energy._table_file import read_energy_table
from hwsim.energy.pricing import EnergyModel
from hwsim.entry_points import registered
from hwsim.errors import InputError, did_you_mean, named_reason
from hwsim.shipped import yaml_names
from hwsim.yaml_file import named_file

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: Entry point group of energy models; each a callable without arguments (a class, a function)
#: that returns an EnergyModel. It is imported when it is asked for.
ENTRY_POINT_GROUP = "hwsim.energy"

_TABLES = Path(__file__).resolve().parent / "tables"


def list_energy_tables() -> list[str]:
    """Names of the energy tables and models: shipped ones, then those of other packages."""
    shipped = _shipped()
    return [*shipped, *(name for name in registered(ENTRY_POINT_GROUP) if name not in shipped)]


def load_energy_table(name_or_path: str | Path) -> EnergyModel:
    """Load an energy table or model.

    Parameters
    ----------
    name_or_path : str or Path
        A name of :func:`list_energy_tables`, e.g. ``"stonne"``, or a YAML file.

    Returns
    -------
    EnergyModel
        An :class:`EnergyTable`, unless another package's entry point gives something else.

    Raises
    ------
    InputError
        For an unknown name, a file that breaks the schema, an entry point that fails.
    """
    shipped = _shipped()
    plugged = registered(ENTRY_POINT_GROUP)
    path = named_file(name_or_path, [*shipped, *plugged])
    if path is not None:
        return read_energy_table(path)
    name = str(name_or_path)
    if name in shipped:
        return read_energy_table(_TABLES / f"{name}.yaml")
    if name in plugged:
        return _load_plugged(plugged[name])
    raise InputError(f"unknown energy table {name!r}{did_you_mean(name, [*shipped, *plugged])}")


def own_energy_table(arch: Arch) -> EnergyModel:
    """Load the energy table that an architecture names.

    Raises
    ------
    InputError
        As :func:`load_energy_table`; with the line of the spec.
    """
    try:
        return load_energy_table(arch.energy_table)
    except InputError as error:
        raise InputError(f"{arch.where(('energy_table',))}: {error}") from error


def load_energy_tables(
    energy: str | Path | EnergyModel | Sequence[str | Path | EnergyModel],
) -> list[EnergyModel]:
    """Load one or several energy tables.

    Parameters
    ----------
    energy : str, Path, EnergyModel, or a sequence of them
        As for :func:`load_energy_table`; a text may hold several with commas.

    Returns
    -------
    list of EnergyModel
        In the order asked for, each once.

    Raises
    ------
    InputError
        As :func:`load_energy_table`; and if two of them have one name, or there is none.
    """
    asked: Sequence[object] = energy if isinstance(energy, list | tuple) else [energy]
    names: list[str | Path | EnergyModel] = []
    for each in asked:
        if not isinstance(each, str | Path | EnergyModel):
            raise InputError(f"energy: expected names, files or energy models. Got {each!r:.80}")
        parts: list[str | Path | EnergyModel] = [each]
        if isinstance(each, str) and "," in each and not Path(each).is_file():
            parts = [part.strip() for part in each.split(",") if part.strip()]
        for part in parts:
            if part not in names:
                names.append(part)
    models = [load_energy_table(each) if isinstance(each, str | Path) else each for each in names]
    if not models:
        raise InputError("no energy table; give at least one, e.g. stonne")
    for number, model in enumerate(models):
        if model.name in [other.name for other in models[:number]]:
            raise InputError(f"two of the energy tables are called {model.name!r}; rename one")
    return models


def _shipped() -> list[str]:
    return yaml_names(_TABLES)


def _load_plugged(point: EntryPoint) -> EnergyModel:
    place = f"energy model {point.name!r} of entry point {point.value}"
    try:
        model = point.load()()
    except InputError:
        raise
    except Exception as error:  # whatever a foreign package raises
        raise InputError(f"{place} cannot be loaded: {named_reason(error)}") from error
    if not isinstance(model, EnergyModel):
        raise InputError(
            f"{place} returned a {type(model).__name__}; expected an object with name, title, "
            "label, unit, provenance and price(activity, arch, operands)"
        )
    return model
