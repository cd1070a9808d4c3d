"""Asks the process that fills templates in, and waits no longer than it may take."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from hwsim.child_process import ChildLostError, ChildProcess
from hwsim.errors import EngineError, InputError
from hwsim.templates.filled import FilledTexts, Refusal, TemplateTexts, Value

_ENTRY: Final = "hwsim.templates.sandbox:filling"
#: More than the processor time that the sandbox has, for machines with other work [s].
_WAIT_S: Final = 10.0


def is_template(text: str) -> bool:
    """Tell whether a text has anything to fill in."""
    return "{{" in text or "{%" in text


def fill_templates(
    paths: Sequence[Path], texts: Sequence[str], values: Mapping[str, Value]
) -> FilledTexts:
    """Fill in templates as the front end of Timeloop and Accelergy does.

    They have its functions ``include``, ``include_all``, ``include_text``, ``add_to_path``,
    ``cwd``, ``find_path``, ``find_paths`` and ``path_exists``. They reach files in the inputs'
    folders and in those around them, one up, and no others.

    Parameters
    ----------
    paths, texts : sequence
        The input files and what is in them.
    values : mapping
        What names stand for.

    Raises
    ------
    InputError
        If a template is malformed, has a name without a value, names a file that is not there or
        out of reach, or takes more than 2 s of processor time or 1 GiB.
    EngineError
        If no process can be started.
    """
    folders = dict.fromkeys(
        str(folder) for path in paths for folder in _reach(path.absolute().parent.resolve())
    )
    question = TemplateTexts(
        tuple(str(path.absolute()) for path in paths), tuple(texts), tuple(folders), dict(values)
    )
    answer = _asked(question, next(p for p, t in zip(paths, texts, strict=True) if is_template(t)))
    if isinstance(answer, Refusal):
        raise InputError(answer.reason)
    return answer


def _reach(folder: Path) -> tuple[Path, ...]:
    """List a folder and the one around it, unless that is the root of all files."""
    around = folder.parent
    return (folder,) if around == Path(around.anchor) else (folder, around)


def _asked(question: TemplateTexts, first: Path) -> FilledTexts | Refusal:
    try:
        child = ChildProcess(_ENTRY)
    except OSError as error:
        raise EngineError(f"{first}: no process to fill in templates: {error.strerror}") from error
    limit = threading.Timer(_WAIT_S, child.kill)
    limit.start()
    try:
        answer: FilledTexts | Refusal = child.ask(question)
        child.close()
    except ChildLostError:
        raise InputError(
            f"{first}: filling in the template takes more than 2 s or 1 GiB; does a loop of it end?"
        ) from None
    finally:
        limit.cancel()
        child.kill()
    return answer
