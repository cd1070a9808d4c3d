"""Give a layer's own zeros to the unmodified STONNE program, which takes no operands.

The program draws its operands with the C library's ``rand()``. A small library that stands before
the C library answers in its place, see ``operand_feed.c``; the program itself is not touched.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.programs.runner import Runner, Workspace
from hwsim.errors import InputError

_COMPILERS = ("cc", "gcc", "clang")
_COMPILE_SECONDS = 60
_MARK = "operands.taken"
#: The options do not tie the library to this machine's C library: it may go into a container.
_OPTIONS = ("-shared", "-fPIC", "-O2", "-nostdlib", "-fno-stack-protector", "-fno-builtin")


def can_feed() -> bool:
    """Say whether this machine can build the library: Linux with a C compiler."""
    return sys.platform == "linux" and _compiler() is not None


def feed(
    runner: Runner, place: Workspace, mk: NDArray[np.bool_], kn: NDArray[np.bool_]
) -> dict[str, str]:
    """Lay out the operands of one run; returns the environment that makes the program take them."""
    (place.inputs / "operand_feed.so").write_bytes(_library())
    with (place.inputs / "operands").open("wb") as file:
        file.write(np.ascontiguousarray(mk).view(np.uint8).tobytes())
        file.write(np.ascontiguousarray(kn).view(np.uint8).tobytes())
    return {
        "LD_PRELOAD": runner.inside(place, "operand_feed.so"),
        "HWSIM_OPERANDS": runner.inside(place, "operands"),
    }


def was_fed(place: Workspace) -> bool:
    """Say whether the program has taken the operands; one linked statically does not."""
    return (place.outputs / _MARK).exists()


@cache
def _library() -> bytes:
    compiler = _compiler()
    if compiler is None or sys.platform != "linux":
        raise InputError(
            "STONNE gets a layer's own zeros through a small C library, which needs Linux and a C "
            "compiler (cc, gcc, clang, or the one that CC names); --operands random does without"
        )
    source = (files("hwsim.engines.stonne.program") / "operand_feed.c").read_bytes()
    with tempfile.TemporaryDirectory(prefix="hwsim-") as folder:
        library = Path(folder) / "operand_feed.so"
        try:
            done = subprocess.run(
                [*compiler, *_OPTIONS, "-x", "c", "-", "-o", str(library)],
                input=source,
                capture_output=True,
                timeout=_COMPILE_SECONDS,
                check=False,
            )
            if done.returncode == 0:
                return library.read_bytes()
            reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = [str(error)]
    raise InputError(
        f"the C compiler {compiler[0]!r} cannot build hwsim's operand library: "
        f"{' '.join(reason) or 'no reason given'}; --operands random does without it"
    )


def _compiler() -> list[str] | None:
    named = shlex.split(os.environ.get("CC", ""))
    if named:
        return named
    return next(([path] for name in _COMPILERS if (path := shutil.which(name))), None)
