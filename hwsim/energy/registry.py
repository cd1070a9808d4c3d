"""Which energy tables and models there are, and how to get one by name or path."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from hwsim.energy.pricing import EnergyModel
from hwsim.energy.table_file import read_energy_table
from hwsim.errors import InputError, did_you_mean
from hwsim.yaml_file import named_file

#: Entry point group of energy models in other packages; each a callable without arguments
#: (a class, a function) that returns an EnergyModel.
ENTRY_POINT_GROUP = "hwsim.energy"

_TABLES = Path(__file__).resolve().parent / "tables"


def list_energy_tables() -> list[str]:
    """Names of the energy tables and models: shipped ones, then those of other packages."""
    shipped = _shipped()
    return [*shipped, *(name for name in _plugged() if name not in shipped)]


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
    path = named_file(name_or_path, shipped)
    if path is not None:
        return read_energy_table(path)
    name = str(name_or_path)
    if name in shipped:
        return read_energy_table(_TABLES / f"{name}.yaml")
    plugged = _plugged()
    if name in plugged:
        return _load_plugged(plugged[name])
    raise InputError(f"unknown energy table {name!r}{did_you_mean(name, [*shipped, *plugged])}")


def _shipped() -> list[str]:
    return sorted(path.stem for path in _TABLES.glob("*.yaml"))


def _plugged() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}


def _load_plugged(point: EntryPoint) -> EnergyModel:
    place = f"energy model {point.name!r} of entry point {point.value}"
    try:
        model = point.load()()
    except InputError:
        raise
    except Exception as error:  # whatever a foreign package raises
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(f"{place} cannot be loaded: {reason}") from error
    if not isinstance(model, EnergyModel):
        raise InputError(
            f"{place} returned a {type(model).__name__}; expected an object with name, title, "
            "label, unit, provenance and price(activity, arch)"
        )
    return model
