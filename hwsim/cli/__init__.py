"""The ``hwsim`` command: thin commands over the public API."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hwsim.cli.completion import typed_command
from hwsim.cli.encoding import print_in_any_encoding
from hwsim.cli.errors import ReportingGroup, quiet_exit
from hwsim.version import __version__

if TYPE_CHECKING:
    app: typer.Typer

#: Commands, and groups of them, in the order of the help: module and what of it.
_COMMANDS: Final = {
    "run": ("run", "run"),
    "sweep": ("sweep", "sweep"),
    "study": ("study", "app"),
    "check": ("check", "check"),
    "explore": ("explore", "explore"),
    "plot": ("plot", "plot"),
    "report": ("report", "report"),
    "repetition": ("repetition", "repetition"),
    "gemm": ("gemm", "gemm"),
    "stonne": ("stonne", "stonne"),
    "validate": ("validate", "validate"),
    "validate published": ("validate", "published"),
    "repetition bench": ("repetition_bench", "bench"),
    "network": ("network", "app"),
    "arch": ("arch", "app"),
    "energy": ("energy", "app"),
    "export": ("export", "app"),
    "timeloop": ("timeloop", "app"),
    "schema": ("schema", "schema"),
    "cache": ("cache", "app"),
    "doctor": ("doctor", "doctor"),
}


def commands(first: str | None = None) -> typer.Typer:
    """Build the command line.

    Parameters
    ----------
    first : str, optional
        The first word of a command line. Where it is a command, that one alone is imported:
        typer takes a moment for each. ``--version`` needs none; anything else has all of them.
    """
    built = typer.Typer(
        name="hwsim",
        cls=ReportingGroup,
        help="Cycles, energy and area of quantised networks on sparse DNN accelerators.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    built.callback()(_root)
    some = first == "--version" or first in {name.split()[0] for name in _COMMANDS}
    for name, (module, attribute) in _COMMANDS.items():
        if some and name.split()[0] != first:
            continue
        home = import_module(f"hwsim.cli.{module}")
        what = getattr(home, attribute)
        if isinstance(what, typer.Typer):
            built.add_typer(what, name=name)
        else:
            # How it takes options that are another program's.
            settings = getattr(home, "CONTEXT_SETTINGS", None)
            built.command(name, context_settings=settings)(what)
    return built


def __getattr__(name: str) -> Any:
    if name == "app":
        globals()["app"] = commands()
        return globals()["app"]
    raise AttributeError(f"module 'hwsim.cli' has no attribute {name!r}")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"hwsim {__version__}")
        raise typer.Exit


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
    os.environ["MPLBACKEND"] = "agg"  # figures are files; what is set for windows may be wrong
    # It would read what every installed package offers, to find plugins that nobody asked for.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    with quiet_exit():
        print_in_any_encoding()
        commands(typed_command(os.environ) or next(iter(sys.argv[1:]), None))(prog_name="hwsim")
