"""``hwsim sweep``: cycles and energy against sparsity."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hwsim.cli.completion import complete_scheme
from hwsim.cli.errors import REQUIREMENT_FAILED
from hwsim.cli.options import JsonOption, NoCacheOption, OutputOption, StoreOption
from hwsim.cli.request import INPUTS, NETWORK_ON_MACHINE, request_of, takes_options
from hwsim.cli.study import (
    DryRunOption,
    LogOption,
    SchedulerOption,
    TlsOption,
    WorkersOption,
    crew_of,
    run_and_report,
)
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.studies.study_file import Study


#: Options that have several values with commas, which a request has no place for.
_AXES: Final = ("model", "arch", "energy", "activations")


@takes_options(*(name for name in NETWORK_ON_MACHINE if name != "scheme"), "energy", *INPUTS)
def sweep(
    *,
    given: dict[str, Any],
    sparsity: Annotated[
        str, typer.Option(metavar="LEVELS", help="START:STOP:STEP (stop included), or 0,0.5,0.65.")
    ] = "0:0.9:0.1",
    method: Annotated[
        str, typer.Option(metavar="random|magnitude", help="Which weights become zero.")
    ] = "random",
    seed: Annotated[
        str, typer.Option(metavar="N,...", help="Of the random zeros; one or several.")
    ] = "0",
    scheme: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:KEY=VALUE,...]",
            help="With a sparsity: pruned, ternary, signed-binary; repeatable.  [default: pruned]",
            autocompletion=complete_scheme,
            show_default=False,
        ),
    ] = None,
    require: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC>=VALUE@LEVEL",
            help="Exit 1 unless it holds, e.g. 'energy_ratio>=1.9@0.65'; repeatable.",
        ),
    ] = None,
    store: StoreOption = None,
    workers: WorkersOption = 0,
    scheduler: SchedulerOption = None,
    tls: TlsOption = None,
    dry_run: DryRunOption = False,
    log: LogOption = None,
    output: OutputOption = None,
    no_cache: NoCacheOption = False,
    json: JsonOption = False,
) -> None:
    """Prune a network to several sparsities and compare each with the dense one.

    --model, --arch, --energy, --activations, --seed and --set take several values with commas, and
    --scheme can be given again: then it is a study of all combinations, and with --store kept.

    Example: hwsim sweep --model resnet18.npz --sparsity 0:0.9:0.1 -o results

    Example: hwsim sweep --model resnet18.npz --arch sigma,scnn --set num_ms=64,128 --store x.db
    """
    crew = crew_of(workers, scheduler, tls)
    if scheme or store or scheduler or dry_run or log or _several(given, seed):
        if require:
            raise InputError(
                "--require is for a sweep of one machine; for more, put 'expect' into a study file "
                "and run hwsim check"
            )
        study = _study(given, scheme or ["pruned"], sparsity, method, seed)
        run_and_report(
            study,
            store,
            workers=crew,
            dry_run=dry_run,
            log=log,
            output=output,
            json=json,
        )
        return
    from hwsim.cli.output import command_line, print_json, print_report
    from hwsim.studies import sweep as sweep_study
    from hwsim.studies.folder import whole_folder

    with whole_folder(output) if output else nullcontext() as folder:
        result = sweep_study(
            request_of(**given),
            sparsity=sparsity,
            method=method,
            seed=_seed(seed),
            require=require or (),
            progress=not json,
        )
        result.manifest["command"] = command_line()
        if folder is not None:
            from hwsim.reports.figures.sheet import write_figure
            from hwsim.reports.figures.sweep_curves import draw_sweep

            result.write(folder)
            write_figure(draw_sweep(result), folder / "sweep.png")
    if json:
        print_json(result.to_dict())
    else:
        from hwsim.reports.sweep_report import sweep_report

        print_report(sweep_report(result))
        if output:
            print(f"saved     {output}")
    for failure in result.failures:
        print(f"requirement failed: {failure}", file=sys.stderr)
    if result.failures:
        raise typer.Exit(REQUIREMENT_FAILED)


def _several(given: dict[str, Any], seed: str) -> bool:
    """Tell whether the options stand for more than one machine, network or draw."""
    texts = [str(given[name]) for name in _AXES if given.get(name) is not None]
    texts += [setting.partition("=")[2] for setting in given["settings"] or ()]
    return any("," in text and not Path(text).is_file() for text in (*texts, seed))


def _study(
    given: dict[str, Any], schemes: list[str], sparsity: str, method: str, seed: str
) -> Study:
    """Make the study that the options stand for; dense is what all is compared with."""
    from hwsim.cli.options import parse_input_size
    from hwsim.studies.study_file import study_of_flags
    from hwsim.studies.study_file.flags import split_schemes

    options = {**given, "set": given["settings"], "seed": seed}
    del options["settings"]
    options["input_size"] = parse_input_size(given["input_size"])
    listed = [each for text in schemes for each in split_schemes(text)]
    if not any(each.partition(":")[0] == "dense" for each in listed):
        listed = ["dense", *listed]
    if options["activation_density"] == 1:  # as if it were not given
        del options["activation_density"]
    named = {key: value for key, value in options.items() if value not in (None, [], ())}
    models = ",".join(Path(text).stem for text in str(given["model"]).split(","))
    name = f"sweep of {models} on {given['arch']}"
    return study_of_flags(name, scheme=listed, sparsity=sparsity, method=method, **named)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise InputError(f"--seed {text!r}: expected a whole number, 0 or more")
    return int(text)
