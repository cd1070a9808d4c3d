"""Commands in a forked process with limits."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, NamedTuple, NoReturn

#: Processor time of one input, and what the clock may show of it on a busy machine [s].
PROCESSOR_S = 10
CLOCK_S = 60
#: Memory of one input beyond what its parent has [bytes].
MEMORY_BYTES = 1 << 30
#: Of what is printed, so much is looked at [bytes].
_OUTPUT_BYTES = 4_000_000
#: What a child tells of a command that came back: its exit code, how far both outputs are written
#: [bytes] and the time that it took [s].
_TOLD: Final = struct.Struct("iqqd")


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code or minus a signal, and what it printed."""

    code: int
    out: str
    err: str
    seconds: float


class Job(NamedTuple):
    """A command line of ``hwsim``, and the folder that it works in."""

    arguments: Sequence[str]
    folder: Path


def run_forked(arguments: Sequence[str], folder: Path, clock_s: float = CLOCK_S) -> Outcome:
    """Run ``hwsim`` in a child of this process that works in a folder."""
    [outcome] = run_in_turn([Job(arguments, folder)], clock_s)
    return outcome


def run_in_turn(jobs: Sequence[Job], clock_s: float = CLOCK_S) -> list[Outcome]:
    """Run jobs in one child, one after the other, each with the limits of one.

    A fork takes longer than most jobs do. The list ends with the first job that ended the child:
    those after it were not run.
    """
    with contextlib.ExitStack() as stack:
        told, out, err = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
        begin = time.monotonic()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _child(jobs, told.fileno(), out.fileno(), err.fileno(), clock_s)
        code = _ended(pid)
        seconds = time.monotonic() - begin
        told.seek(0)
        outcomes = []
        out_from = err_from = 0
        for each, out_to, err_to, taken in _TOLD.iter_unpack(told.read()):
            texts = _part(out, out_from, out_to), _part(err, err_from, err_to)
            outcomes.append(Outcome(each, *texts, taken))
            out_from, err_from = out_to, err_to
        if len(outcomes) < len(jobs):
            texts = _part(out, out_from, None), _part(err, err_from, None)
            outcomes.append(Outcome(code, *texts, seconds))
    return outcomes


def _part(stream: IO[bytes], first: int, end: int | None) -> str:
    stream.seek(first)
    length = _OUTPUT_BYTES if end is None else min(end - first, _OUTPUT_BYTES)
    return stream.read(length).decode("utf-8", "backslashreplace")


def _ended(pid: int) -> int:
    """Wait for a child and end what it may have left behind in its group."""
    _, status, _ = os.wait4(pid, 0)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(status)


def _child(jobs: Sequence[Job], told: int, out: int, err: int, clock_s: float) -> NoReturn:
    try:
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY_BYTES,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        for arguments, folder in jobs:
            begin = time.monotonic()
            used = time.process_time()
            resource.setrlimit(
                resource.RLIMIT_CPU, (int(used) + PROCESSOR_S, resource.RLIM_INFINITY)
            )
            signal.setitimer(signal.ITIMER_REAL, clock_s)
            code = _run(arguments, folder)
            ends = (os.lseek(each, 0, os.SEEK_CUR) for each in (1, 2))
            os.write(told, _TOLD.pack(code, *ends, time.monotonic() - begin))
    finally:
        os._exit(71)


def _run(arguments: Sequence[str], folder: Path) -> int:
    """Run a command here; 71 if something else than its exit comes out of it."""
    from hwsim.cli import main

    try:
        os.chdir(folder)
        sys.argv = ["hwsim", *arguments]
        with (
            open(1, "w", encoding="utf-8", closefd=False) as sys.stdout,
            open(2, "w", encoding="utf-8", closefd=False) as sys.stderr,
        ):
            main()
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else 0 if leave.code is None else 1
    except BaseException:
        os.write(2, traceback.format_exc().encode("utf-8", "backslashreplace"))
        return 71
    return 0
