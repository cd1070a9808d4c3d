"""All input files of one evaluation, as Timeloop's programs or its Python front end read them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from hwsim.arch import Arch
from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.layers.layer_machine import design_inputs, design_of
from hwsim.engines.timeloop.spec.architecture import architecture_document
from hwsim.engines.timeloop.spec.constraints import constraint_document, read_constraints
from hwsim.engines.timeloop.spec.densities import statistical_density
from hwsim.engines.timeloop.spec.layout import Layout, version_of
from hwsim.engines.timeloop.spec.mapper_section import mapper_document
from hwsim.engines.timeloop.spec.mapping import mapping_document
from hwsim.engines.timeloop.spec.problem import problem_document
from hwsim.engines.timeloop.spec.sparse import sparse_document
from hwsim.engines.timeloop.spec.tables import area_document, energy_document
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


def as_timeloop_can(evaluation: Evaluation, density: DensityModel = "hypergeometric") -> Evaluation:
    """Evaluate again with densities, formats and memories that Timeloop knows.

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
    problem = evaluation.problem
    densities = tuple(
        statistical_density(each, density == "fixed-structured").of_tensor(
            space.box(problem.bounds)
        )
        for each, space in zip(problem.densities, problem.data_spaces, strict=True)
    )
    sparse = evaluation.sparse.as_timeloop_has_them()
    machine = evaluation.machine.as_timeloop_has_it()
    same = (problem.densities, evaluation.sparse, evaluation.machine)
    if (densities, sparse, machine) == same:
        return evaluation
    problem = replace(problem, densities=densities)
    return evaluate(problem, machine, evaluation.mapping, sparse)


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
    version = version_of(layout)
    sparse = sparse_document(problem, machine, evaluation.sparse, version)
    documents = {
        "arch.yaml": architecture_document(machine, layout),
        "prob.yaml": problem_document(problem, version),
        "map.yaml": mapping_document(problem, machine, evaluation.mapping, layout),
        "ERT.yaml": energy_document(machine, version),
        "ART.yaml": area_document(machine, version),
    }
    return documents if sparse is None else {**documents, "sparse.yaml": sparse}


def constraint_documents(
    arch: Arch, evaluation: Evaluation, layout: Layout = "v0.3"
) -> dict[str, dict[str, Any]]:
    """Write what the mappings of a layer may do, and how they are to be searched.

    Parameters
    ----------
    arch : Arch
        Whose design has the constraints.
    evaluation : Evaluation
        Of the layer.
    layout : {"v0.3", "v0.4"}
        For the program itself, or for the Python front end.

    Returns
    -------
    dict of str to dict
        ``constraints.yaml`` and ``mapper.yaml``.
    """
    search = design_of(arch)[0].search
    problem, machine = evaluation.problem, evaluation.machine
    constraints = read_constraints(design_inputs(arch), problem, machine)
    version = version_of(layout) if layout == "v0.4" else None
    return {
        "constraints.yaml": constraint_document(problem, machine, constraints, layout),
        "mapper.yaml": mapper_document(search.objective, search.budget, version),
    }
