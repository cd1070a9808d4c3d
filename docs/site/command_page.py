"""Every command with its options, as the command line itself declares them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer


def command_page() -> str:
    """Write the page from the commands of ``hwsim``."""
    from hwsim.cli import commands

    root = typer.main.get_command(commands())
    parts = [
        "# Commands",
        "`hwsim COMMAND --help` prints the same. `hwsim --install-completion` lets your shell "
        "complete commands, options and names.",
        *_command(root, "hwsim"),
    ]
    return "\n\n".join(parts) + "\n"


def _command(command: Any, name: str) -> Iterator[str]:
    below = getattr(command, "commands", None)
    if below is None:
        yield f"## {name}"
        yield _escaped((command.help or "").strip())
        yield _parameters(command)
        return
    for word, each in below.items():
        if not each.hidden:
            yield from _command(each, f"{name} {word}")


def _parameters(command: Any) -> str:
    rows = ["| option | takes | |", "| --- | --- | --- |"]
    for each in command.params:
        if getattr(each, "hidden", False) or each.name in ("help",):
            continue
        flags = ", ".join(f"`{flag}`" for flag in each.opts if flag.startswith("-"))
        name = flags or f"`{each.metavar or each.name.upper()}`"
        takes = "" if getattr(each, "is_flag", False) or not flags else each.metavar or "VALUE"
        rows.append(f"| {name} | {_cell(takes)} | {_cell(_said(each))} |")
    return "\n".join(rows) if len(rows) > 2 else ""


def _said(parameter: Any) -> str:
    said = getattr(parameter, "help", None) or ""
    shown = getattr(parameter, "show_default", False) and not parameter.required
    if shown and parameter.default not in (None, False, "") and not callable(parameter.default):
        said = f"{said}  [default: {parameter.default}]"
    return said


def _cell(text: str) -> str:
    return _escaped(text).replace("|", "\\|").replace("\n", " ")


def _escaped(text: str) -> str:
    for sign, written in (("<", "&lt;"), ("*", "\\*"), ("[", "\\["), ("#", "\\#")):
        text = text.replace(sign, written)
    return text
