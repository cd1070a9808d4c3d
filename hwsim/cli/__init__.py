"""The ``hwsim`` command: thin commands over the public API."""

from __future__ import annotations

from typing import Annotated

import typer

from hwsim.cli import (
    arch,
    cache,
    check,
    energy,
    explore,
    export,
    gemm,
    network,
    repetition,
    repetition_bench,
    run,
    stonne,
    study,
    sweep,
    timeloop,
    validate,
)
from hwsim.cli.encoding import print_in_any_encoding
from hwsim.cli.errors import ReportingGroup, quiet_exit
from hwsim.version import __version__

app = typer.Typer(
    name="hwsim",
    cls=ReportingGroup,
    help="Cycles, energy and area of quantised networks on sparse DNN accelerators.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("sweep")(sweep.sweep)
app.add_typer(study.app, name="study")
app.command("check")(check.check)
app.command("explore")(explore.explore)
app.command("repetition")(repetition.repetition)
app.command("gemm")(gemm.gemm)
app.command("stonne", context_settings=stonne.STONNE_SETTINGS)(stonne.stonne)
app.command("validate")(validate.validate)
app.command("validate published")(validate.published)
app.command("repetition bench")(repetition_bench.bench)
app.add_typer(network.app, name="network")
app.add_typer(arch.app, name="arch")
app.add_typer(energy.app, name="energy")
app.add_typer(export.app, name="export")
app.add_typer(timeloop.app, name="timeloop")
app.add_typer(cache.app, name="cache")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"hwsim {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    with quiet_exit():
        print_in_any_encoding()
        app(prog_name="hwsim")
