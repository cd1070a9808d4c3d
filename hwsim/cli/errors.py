"""The one place where an exception becomes a message and an exit code.

======  ===========================================================
code    meaning
======  ===========================================================
0       done
1       a requirement of ``hwsim sweep --require`` or an expectation of ``hwsim check`` does not
        hold, ``hwsim validate`` finds a difference, or ``hwsim validate published`` an error that
        a machine does not state
2       bad input, a wrong option, a file that cannot be used, or an expectation that cannot be
        evaluated
3       another tool's program failed
70      a bug in hwsim (``HWSIM_DEBUG=1`` shows the traceback)
130     interrupted
======  ===========================================================
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from hwsim.cli.given_options import check_options
from hwsim.cli.named_inputs import protect_named_inputs
from hwsim.cli.notes import noted_hits, noted_warnings
from hwsim.errors import HwsimError, InputError, ProblemsError, ProgramError, one_line
from hwsim.inputs_read import protected_inputs
from hwsim.shown_text import bounded

REQUIREMENT_FAILED = 1
BAD_INPUT = 2
PROGRAM_FAILED = 3
INTERNAL_ERROR = 70
INTERRUPTED = 130


class ReportingGroup(TyperGroup):
    """A command group whose errors are one line on standard error, never a traceback."""

    _words: tuple[str, ...] = ()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options before the sub-command."""
        with reported_errors():
            if not ctx.resilient_parsing:  # of a line that is being completed words are missing
                _refuse_empty(args)
            self._words = tuple(args)
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a sub-command of two words before one of the first alone."""
        both = " ".join(args[:2])
        if len(args) > 1 and both in self.commands:
            args = [both, *args[2:]]
        name, command, rest = super().resolve_command(ctx, args)
        if not ctx.resilient_parsing:
            check_options(command, rest)
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        """Run the sub-command, and write out what it printed while errors are still reported."""
        with reported_errors(), protected_inputs(), noted_warnings(), noted_hits():
            protect_named_inputs(self._words)
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result


def _refuse_empty(words: Sequence[str]) -> None:
    """Refuse a word without a text, which would be taken for this folder, or for nothing."""
    for before, word in zip(("hwsim", *words), words, strict=False):
        option, equals, value = word.partition("=")
        if not word.strip() or (option.startswith("--") and equals and not value.strip()):
            raise InputError(
                f"nothing is given {'for' if equals else 'after'} {option if equals else before}; "
                "expected a value (is a variable of the shell empty?)"
            )


@contextmanager
def reported_errors() -> Iterator[None]:
    """Report any error of the block on standard error and exit with its code."""
    try:
        yield
    except (typer.Exit, typer.Abort, BrokenPipeError):
        raise
    except KeyboardInterrupt as stopped:  # a study says what it has kept
        _leave(f"interrupted: {stopped}" if stopped.args else "interrupted", INTERRUPTED)
    except ProblemsError as error:
        _leave(f"error: {error}", BAD_INPUT)
    except InputError as error:
        _leave(f"error: {one_line(error)}", BAD_INPUT)
    except ProgramError as error:
        _leave(f"error: {one_line(error)}", PROGRAM_FAILED)
    except OSError as error:
        _leave(f"error: {_os_error_line(error)}", BAD_INPUT)
    except MemoryError:
        _leave("error: out of memory; evaluate fewer layers at a time with --layers", BAD_INPUT)
    except Exception as error:
        if _is_usage_error(error):
            if type(error).__name__ == "NoArgsIsHelpError":
                raise
            _leave(f"error: {_usage_line(error)}", BAD_INPUT)
        if os.environ.get("HWSIM_DEBUG"):
            raise
        kind = (
            "error" if isinstance(error, HwsimError) else f"internal error: {type(error).__name__}"
        )
        _leave(
            f"{kind}: {bounded(one_line(error), 200)}; please report it "
            "(HWSIM_DEBUG=1 in the environment shows the traceback)",
            INTERNAL_ERROR,
        )


def _os_error_line(error: OSError) -> str:
    """Word an operating system error: the file, then the reason.

    Whatever writes a named file names it; what is left is standard output on a full disk.
    """
    place = "standard output" if error.filename is None else error.filename
    return f"{place}: {error.strerror or one_line(error)}"


@contextmanager
def quiet_exit() -> Iterator[None]:
    """Let the process end without a word when its reader has gone or the user has interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        _leave("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os._exit(1)
    finally:
        _drop_unwritten_output()


def _drop_unwritten_output() -> None:
    try:
        sys.stdout.flush()
    except OSError:  # reported already; the interpreter must not try once more at its exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leave(message: str, code: int) -> None:
    for line in message.split("\n"):
        print(bounded(line), file=sys.stderr)
    raise SystemExit(code)


def _is_usage_error(error: Exception) -> bool:
    # Some versions of typer bring a click of their own: its class cannot be imported by one name.
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def _usage_line(error: Any) -> str:
    message = one_line(error.format_message()).rstrip(".")
    hint = " Did you mean "
    message = hint.join(message.split(hint)[:2])  # some versions of typer and click both hint
    context = getattr(error, "ctx", None)
    return f"{message} (see {context.command_path} --help)" if context else message
