"""A folder from which Timeloop's programs evaluate the layers of a quantised network."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from hwsim.arch import Arch
from hwsim.csv_tables import text_of_table
from hwsim.engines.protocol import refuse_operands
from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.engines.timeloop.program.program_inputs import (
    DensityModel,
    as_timeloop_can,
    constraint_documents,
    input_documents,
)
from hwsim.engines.timeloop.spec.documents import write_documents
from hwsim.engines.timeloop.spec.layout import Layout
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.errors import InputError
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload import Activations, Workload, lower

#: What a folder's run.sh starts, and the variable that names another file.
_PROGRAMS: Final = {"model": "timeloop-model", "mapper": "timeloop-mapper"}


def write_export(
    layers: Iterable[QuantizedLayer],
    arch: Arch,
    folder: Path,
    *,
    layout: Layout = "v0.3",
    density: DensityModel = "hypergeometric",
    constraints: bool = False,
    input_shares: Mapping[str, float] | None = None,
    engine: SparseloopEngine | None = None,
    on_done: Callable[[str], None] = lambda _: None,
) -> int:
    """Write layers for Timeloop into an existing folder.

    Parameters
    ----------
    layers : iterable of QuantizedLayer
        What to export.
    arch : Arch
        A machine of the engine ``sparseloop``.
    folder : Path
        Gets a sub-folder a layer, ``layers.csv``, ``run.sh`` and a README.
    layout : {"v0.3", "v0.4"}
        For the programs themselves, or for the Python front end.
    density : {"hypergeometric", "fixed-structured"}
        How the non-zeros of the weights lie to Timeloop.
    constraints : bool
        Write what mappings may do, for ``timeloop-mapper``, in place of hwsim's mapping.
    input_shares : mapping of str to float, optional
        By layer, the share of its input, padding included, that is not zero; all of it where none
        is given.
    engine : SparseloopEngine, optional
        One that has mapped some of the layers already; its density has to be statistical.
    on_done : callable
        Called with a layer's name when it is written.

    Returns
    -------
    int
        How many layers were written.

    Raises
    ------
    InputError
        If the architecture has no design, or a layer cannot be mapped.
    """
    engine = engine or SparseloopEngine("statistical")
    rows: list[dict[str, object]] = []
    notes: dict[str, None] = {}
    for layer in layers:
        workload = lower(layer, Activations((input_shares or {}).get(layer.layer.name, 1.0)))
        refuse_operands(workload, arch)
        evaluation, taken = engine.evaluation(workload, arch)
        notes |= dict.fromkeys((*_longer_runs(evaluation), *_other_waits(evaluation.machine)))
        notes |= dict.fromkeys(_more_images(workload))
        evaluation = as_timeloop_can(evaluation, density)
        documents = input_documents(evaluation, layout)
        if constraints:
            del documents["map.yaml"]
            documents |= constraint_documents(arch, evaluation, layout)
        name = _free_name(workload.layer, {row["folder"] for row in rows})
        place = folder / name
        place.mkdir()
        write_documents(documents, place)
        _write_script(place / "run.sh", _layer_script(sorted(documents), layout, constraints))
        notes |= dict.fromkeys(_lost(evaluation))
        rows.append(
            {
                "folder": name,
                "layer": workload.layer,
                "scheme": layer.scheme,
                "origin": layer.origin,
                **dict(zip(evaluation.problem.dimensions, evaluation.problem.bounds, strict=True)),
                "weight_density": round(workload.density, 6),
                "input_density": round(workload.activations.density, 6),
                "weights_run": taken.runs,
                "runs": workload.images,
                **(
                    {}
                    if constraints
                    else {"cycles": evaluation.cycles, "energy_pj": evaluation.energy}
                ),
            }
        )
        on_done(workload.layer)
    if not rows:
        raise InputError("no layer to export")
    for name in ("runs", "input_density"):  # where they are something else for some layer
        if all(row[name] == 1 for row in rows):
            rows = [{key: value for key, value in row.items() if key != name} for row in rows]
    (folder / "layers.csv").write_text(text_of_table(rows), encoding="utf-8")
    _write_script(folder / "run.sh", _script([str(row["folder"]) for row in rows]))
    readme = _readme(arch, layout, density, constraints, list(notes))
    (folder / "README.md").write_text(readme, encoding="utf-8")
    return len(rows)


def _free_name(layer: str, taken: set[object]) -> str:
    wanted = name = re.sub(r"[^A-Za-z0-9._-]", "_", layer).lstrip(".-") or "layer"
    number = 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def _lost(evaluation: Evaluation) -> Iterable[str]:
    """Say for each memory which widths Timeloop does not take from the files."""
    for level in reversed(evaluation.machine.levels):
        other = {name: bits for name, bits in level.bits.items() if bits != level.word_bits}
        if other:
            widths = ", ".join(f"{name} {bits}" for name, bits in other.items())
            yield f"{level.name}: a word is {level.word_bits} bits to Timeloop; in hwsim {widths}"


def _longer_runs(evaluation: Evaluation) -> Iterable[str]:
    """Say for each memory which run lengths end in hwsim and not in Timeloop."""
    for (level, number), form in evaluation.sparse.representations.items():
        for rank in form.ranks:
            if rank.longest_run is not None:
                name = evaluation.problem.data_spaces[number].name
                yield (
                    f"{evaluation.machine.levels[level].name}: run lengths of {name} tell any "
                    f"number of zeros to Timeloop; in hwsim at most {rank.longest_run}, and zeros "
                    "are stored between longer ones"
                )


def _more_images(workload: Workload) -> Iterable[str]:
    """Say of which layers Timeloop evaluates one of several images."""
    if workload.images > 1:
        yield (
            f"{workload.layer}: one of its {workload.images} feature maps, which run one after the "
            "other; column `runs` of layers.csv says how often each layer counts"
        )


def _other_waits(machine: Machine) -> Iterable[str]:
    """Say for what hwsim waits and Timeloop does not, or otherwise."""
    for level in reversed(machine.levels):
        if level.ports:
            yield (
                f"{level.name}: one bandwidth for all words to Timeloop; in hwsim "
                f"{' and '.join(level.ports)} have ports of their own"
            )
    if machine.ramp_up is not None:
        name = machine.levels[machine.ramp_up.level].name
        yield (
            f"{name}: new {machine.ramp_up.replaced} come while units compute to Timeloop; in "
            "hwsim units wait for them"
        )


def _write_script(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def _layer_script(names: list[str], layout: Layout, constraints: bool) -> str:
    kind = "mapper" if constraints else "model"
    head = "#!/bin/sh\n# One layer on Timeloop; the results appear in out/.\nset -eu\n"
    head += 'cd "$(dirname "$0")"\nmkdir -p out\n'
    if layout == "v0.4":
        listed = ", ".join(repr(name) for name in names)
        return head + (
            "exec ${PYTHON:-python3} - <<'END'\n"
            "import pytimeloop.timeloopfe.v4 as timeloop\n"
            f"specification = timeloop.Specification.from_yaml_files({listed})\n"
            f"timeloop.call_{kind}(specification, output_dir='out')\n"
            "END\n"
        )
    program = _PROGRAMS[kind]
    variable = program.upper().replace("-", "_")
    inputs = " ".join(f"../{name}" for name in names)
    return head + f'cd out\nexec "${{{variable}:-{program}}}" {inputs}\n'


def _script(folders: list[str]) -> str:
    lines = [shlex.quote(f"./{name}/run.sh") for name in folders]
    return (
        "#!/bin/sh\n# Every layer on Timeloop, one after the other.\n"
        'set -eu\ncd "$(dirname "$0")"\n' + "\n".join(lines) + "\n"
    )


def _readme(
    arch: Arch, layout: Layout, density: DensityModel, constraints: bool, notes: list[str]
) -> str:
    text = (files("hwsim.engines.timeloop.program") / "export_readme.md").read_text(
        encoding="utf-8"
    )
    lost = "\n".join(f"- {note}" for note in notes) or "- none: all words are of the memory's width"
    values: dict[str, Any] = {
        "arch": arch.label,
        "layout": layout,
        "density": density,
        "mapping": "constraints.yaml` and `mapper.yaml" if constraints else "map.yaml",
        "meaning": (
            "what mappings may do, and how to search" if constraints else "hwsim's mapping"
        ),
        "lost": lost,
    }
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", str(value))
    return text
