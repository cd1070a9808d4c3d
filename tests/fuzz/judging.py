"""What may not come out of any input."""

from __future__ import annotations

import json
import math
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.fuzz.forked import Outcome

LONGEST_LINE = 300
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ADDRESS = re.compile(r" object at 0x[0-9a-f]|<ast\.")
#: What a number of a result may be below 0 for: it is compared with another, or no figure but what
#: points are left out by.
_MAY_BE_NEGATIVE = re.compile(r"change|difference|error|saved|delta|^\.spec\.exclude\[")


def findings(outcome: Outcome, negative: str | None, left: list[Path]) -> Iterator[str]:
    """Name what is wrong with an outcome; nothing if all is well.

    Parameters
    ----------
    outcome : Outcome
        Of a command.
    negative : str or None
        The key of a number that was made negative, if that is what was changed.
    left : list of Path
        Files that it left.
    """
    err = outcome.err
    if outcome.code == -signal.SIGXCPU or outcome.code in (-signal.SIGALRM, -signal.SIGKILL):
        yield "hang"
    elif outcome.code < 0:
        yield f"signal {-outcome.code}"
    elif "Traceback" in err or outcome.code not in (0, 1, 2, 3):
        yield f"traceback or exit {outcome.code}"
    if "out of memory" in err:
        yield "beyond memory"
    # A pattern that no point meets is no figure, and is named.
    if outcome.code == 0 and negative is not None and "leaves nothing out" not in err:
        yield f"accepted negative {negative}"
    if outcome.code in (2, 3) and left:
        yield "left a file"
    said = [line for line in err.splitlines() if not line.startswith(("note: ", "Evaluating: "))]
    judged = outcome.code == 2 and outcome.out.startswith("{")  # a check that could not be told
    if (
        outcome.code in (2, 3)
        and not judged
        and not outcome.out.lstrip().startswith("Usage: ")  # a group of commands without one
        and not any(each.startswith("error: ") for each in said[:1])
    ):
        yield "no line of an error"
    if any(len(line) > LONGEST_LINE for line in said):
        yield "long line"
    if "Warning" in err:
        yield "library warning"
    if _ADDRESS.search(err) or _ADDRESS.search(outcome.out):
        yield "address of an object"
    if _CONTROL.search(err) or _CONTROL.search(outcome.out):
        yield "control character"
    if outcome.code in (2, 3) and len(said) > 1 and " problems" not in said[0]:
        yield "several lines"
    if outcome.code == 0 and outcome.out.startswith("{"):
        yield from _figures(outcome.out)


def _figures(text: str) -> Iterator[str]:
    try:
        document = json.loads(text)
    except ValueError:
        yield "no JSON"
        return
    for path, value in _numbers(document, ""):
        if not math.isfinite(value):
            yield f"figure not finite {path}"
            return
        if value < 0 and not _MAY_BE_NEGATIVE.search(path):
            yield f"negative figure {path}"
            return


def _numbers(value: Any, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _numbers(each, f"{path}.{key}")
    elif isinstance(value, list):
        for each in value:
            yield from _numbers(each, f"{path}[]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, value
