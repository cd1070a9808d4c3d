"""All input files of one evaluation, as Timeloop's programs or its Python front end read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from hwsim.engines.timeloop.evaluation import Evaluation, evaluate
from hwsim.engines.timeloop.spec.write_architecture import Layout, architecture_document
from hwsim.engines.timeloop.spec.write_mapping import mapping_document
from hwsim.engines.timeloop.spec.write_problem import problem_document, statistical_density
from hwsim.engines.timeloop.spec.write_sparse import sparse_document
from hwsim.engines.timeloop.spec.write_tables import area_document, energy_document
from hwsim.engines.timeloop.spec.yaml_text import yaml_text
from hwsim.errors import InputError, did_you_mean

DensityModel = Literal["hypergeometric", "fixed-structured"]


def density_model(text: str) -> DensityModel:
    """Read the name of a density model.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if text == "hypergeometric":
        return "hypergeometric"
    if text in {"fixed-structured", "fixed_structured"}:
        return "fixed-structured"
    known = ("hypergeometric", "fixed-structured")
    raise InputError(f"--density: unknown density {text!r}{did_you_mean(text, known)}")


def layout_of(text: str) -> Layout:
    """Read the name of a layout.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if text in {"v0.3", "0.3"}:
        return "v0.3"
    if text in {"v0.4", "0.4"}:
        return "v0.4"
    raise InputError(f"--format: expected v0.3 or v0.4. Got {text!r}")


def as_timeloop_can(evaluation: Evaluation, density: DensityModel = "hypergeometric") -> Evaluation:
    """Evaluate again with densities that Timeloop knows in place of real zeros.

    Parameters
    ----------
    evaluation : Evaluation
        Of a layer.
    density : {"hypergeometric", "fixed-structured"}
        Where the non-zeros lie: strewn at random, or at regular distances.

    Returns
    -------
    Evaluation
        The same one if nothing has to change.
    """
    densities = tuple(
        statistical_density(each, density == "fixed-structured").of_tensor(
            space.box(problem.bounds)
        )
        for problem in [evaluation.problem]
        for each, space in zip(problem.densities, problem.data_spaces, strict=True)
    )
    if densities == evaluation.problem.densities:
        return evaluation
    problem = replace(evaluation.problem, densities=densities)
    return evaluate(problem, evaluation.machine, evaluation.mapping, evaluation.sparse)


def input_documents(evaluation: Evaluation, layout: Layout = "v0.3") -> dict[str, dict[str, Any]]:
    """Write everything that an evaluation needs.

    Parameters
    ----------
    evaluation : Evaluation
        With densities that Timeloop knows, see :func:`as_timeloop_can`.
    layout : {"v0.3", "v0.4"}
        For the programs themselves, or for the Python front end.

    Returns
    -------
    dict of str to dict
        By file name: ``arch.yaml``, ``prob.yaml``, ``map.yaml``, ``sparse.yaml`` (where the design
        makes use of zeros), ``ERT.yaml``, ``ART.yaml``.
    """
    problem, machine = evaluation.problem, evaluation.machine
    version = 0.4 if layout == "v0.4" else 0.3
    sparse = sparse_document(problem, machine, evaluation.sparse, version)
    documents = {
        "arch.yaml": architecture_document(machine, layout),
        "prob.yaml": problem_document(problem, version),
        "map.yaml": mapping_document(problem, machine, evaluation.mapping, layout),
        "ERT.yaml": energy_document(machine, version),
        "ART.yaml": area_document(machine, version),
    }
    return documents if sparse is None else {**documents, "sparse.yaml": sparse}


def write_inputs(documents: Mapping[str, Mapping[str, Any]], folder: Path) -> list[Path]:
    """Write documents into an existing folder; the files are in the order of the documents."""
    files = []
    for name, document in documents.items():
        file = folder / name
        file.write_text(yaml_text(document), encoding="utf-8")
        files.append(file)
    return files
