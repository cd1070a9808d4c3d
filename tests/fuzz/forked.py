"""One command in a forked process with limits."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

#: Processor time of one input, and what the clock may show of it on a busy machine [s].
PROCESSOR_S = 10
CLOCK_S = 60
#: Memory of one input beyond what its parent has [bytes].
MEMORY_BYTES = 1 << 30
#: Of what is printed, so much is looked at [bytes].
_OUTPUT_BYTES = 4_000_000


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code or minus a signal, and what it printed."""

    code: int
    out: str
    err: str
    seconds: float


def run_forked(arguments: Sequence[str], folder: Path, clock_s: float = CLOCK_S) -> Outcome:
    """Run ``hwsim`` in a child of this process that works in a folder."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begin = time.monotonic()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _child(arguments, folder, out.fileno(), err.fileno(), clock_s)
        code = _ended(pid)
        seconds = time.monotonic() - begin
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read(_OUTPUT_BYTES).decode("utf-8", "backslashreplace"))
    return Outcome(code, *texts, seconds)


def _ended(pid: int) -> int:
    """Wait for a child and end what it may have left behind in its group."""
    _, status, _ = os.wait4(pid, 0)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(status)


def _child(arguments: Sequence[str], folder: Path, out: int, err: int, clock_s: float) -> None:
    code = 71
    try:
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.chdir(folder)
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY_BYTES,) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, clock_s)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.argv = ["hwsim", *arguments]
        from hwsim.cli import main

        try:
            main()
            code = 0
        except SystemExit as leave:
            code = leave.code if isinstance(leave.code, int) else 0 if leave.code is None else 1
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        import traceback

        os.write(2, traceback.format_exc().encode("utf-8", "backslashreplace"))
    finally:
        os._exit(code)
