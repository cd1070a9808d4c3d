"""Machines against what is published of the chips that they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hwsim.arch import Arch, load_arch
from hwsim.arch.former_names import name_today
from hwsim.energy import load_energy_table, own_energy_table
from hwsim.errors import InputError, did_you_mean
from hwsim.quantity import parse_quantity
from hwsim.validation._evaluate import searching, totals
from hwsim.validation._file import CaseSpec, FigureSpec, PublishedFile, StatementSpec
from hwsim.validation.quantities import QUANTITIES, Totals
from hwsim.validation.result import PublishedRow, PublishedTable, PublishedValidation
from hwsim.yaml_file import YamlFile

#: Where the files of published figures are.
DATA: Final = Path(__file__).parent / "data"


def validate_published(machine: str | None = None) -> PublishedValidation:
    """Compare machines with what is published of the chips that they stand for.

    Parameters
    ----------
    machine : str, optional
        Only this arch spec; all that something is published of when not given.

    Returns
    -------
    PublishedValidation
        Tables of published and own figures, each with its error, what the machine states of it,
        and why.

    Raises
    ------
    InputError
        If nothing is published of the machine, or a file of figures cannot be used.

    Examples
    --------
    >>> import hwsim
    >>> hwsim.validate_published("eyeriss_v2_pe").beyond
    []
    """
    files = read_published(DATA)
    if machine is not None:
        machine, _ = name_today(machine)
        known = list(dict.fromkeys(each.machine for each in files))
        if machine not in known:
            raise InputError(
                f"nothing is published of machine {machine!r}{did_you_mean(machine, known)}"
            )
        files = [each for each in files if each.machine == machine]
    return PublishedValidation(tuple(compare_published(each) for each in files))


def read_published(folder: Path = DATA) -> list[PublishedFile]:
    """Read the files of published figures, in the order of their names.

    Raises
    ------
    InputError
        If one breaks the schema: file, line, key.
    """
    return [YamlFile.read(path).parse(PublishedFile) for path in sorted(folder.glob("*.yaml"))]


def compare_published(file: PublishedFile) -> PublishedTable:
    """Evaluate the works of a file and set our figures beside the published ones.

    Raises
    ------
    InputError
        If the machine cannot be used or cannot run a work.
    """
    arch = load_arch(file.machine, file.overrides)
    if file.search is not None:
        arch = searching(arch, file.search)
    prices = load_energy_table(file.energy) if file.energy else own_energy_table(arch)
    rows = tuple(
        _row(file, case, name, figure, found)
        for case, found in zip(file.cases, totals(file, arch, prices), strict=True)
        for name, figure in case.published.items()
    )
    return PublishedTable(
        title=file.title,
        name=arch.name,
        machine=arch.label,
        machine_title=arch.title,
        prices=prices.label,
        source=file.source,
        transcribed=file.transcribed,
        verified=file.verified,
        assumed=file.assumed,
        search=_search_in_words(arch, file),
        rows=rows,
    )


def _search_in_words(arch: Arch, file: PublishedFile) -> str:
    """Word how mappings were found; empty for a machine that needs none."""
    design = arch.spec.design
    if design is None:
        return ""
    zeros = "the very zeros drawn" if file.density == "actual" else "shares of zeros"
    wanted = design.search
    published = any(work.mapping for case in file.cases for work in case.layers)
    fixed = ", with the loops that are published" if published else ""
    return f"the best for {wanted.objective} of {wanted.budget:,} mappings a layer{fixed}; {zeros}"


def _row(
    file: PublishedFile, case: CaseSpec, name: str, figure: FigureSpec, found: Totals
) -> PublishedRow:
    quantity = QUANTITIES[name]
    states: StatementSpec = figure.states or file.states[name]
    unit = figure.value.lstrip("0123456789. ")
    scale = quantity.units.names[unit]

    def number(text: str) -> float:
        return parse_quantity(text, quantity.units) / scale

    other = None if figure.other is None else (number(figure.other.value), figure.other.source)
    return PublishedRow(
        work=case.name,
        quantity=quantity.title,
        unit=unit,
        published=number(figure.value),
        ours=quantity.of(found) / scale,
        within=states.within,
        wanted=states.wanted or quantity.wanted,
        why=states.why,
        note=figure.note or "",
        other=other,
    )
