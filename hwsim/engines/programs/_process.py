"""A program on this machine: a process group of its own, with limits."""

from __future__ import annotations

import contextlib
import os
import resource
import secrets
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from hwsim.engines.programs._watch import Watch
from hwsim.engines.programs.limits import MIB, Limits
from hwsim.engines.programs.runner import (
    OUTPUT_BYTES,
    Workspace,
    last_words,
    plain_environment,
    refuse_irregular,
)
from hwsim.errors import InputError, ProgramError

_POLL_SECONDS = 0.05
_DISK_CHECK_SECONDS = 0.5  # it walks all files that there are
#: What a program and all that it starts have in their environment, with the mark of the run.
_MARK: Final = "HWSIM_RUN"
_PROCESSES: Final = Path("/proc")
_KILL_ROUNDS: Final = 10


class ProcessRunner:
    """Runs a program file."""

    def __init__(self, program: Path, limits: Limits) -> None:
        self._program = program
        self._limits = limits
        self._stopped = threading.Event()

    @property
    def name(self) -> str:
        """The file."""
        return str(self._program)

    def check(self) -> None:
        """See that the file is there and may be executed."""
        if self._program.is_dir():
            raise InputError(f"{self._program}: is a folder, not a program")
        if not self._program.exists():
            raise InputError(f"{self._program}: no such program")
        if not os.access(self._program, os.X_OK):
            raise InputError(f"{self._program}: is not executable (chmod +x makes it so)")

    def inside(self, place: Workspace, name: str) -> str:
        """Return the path itself."""
        return str(place.inputs / name)

    def stop(self) -> None:
        """Kill what runs; runs that are asked for later fail at once."""
        self._stopped.set()

    def run(
        self, arguments: Sequence[str], place: Workspace, environment: Mapping[str, str]
    ) -> str:
        """Run the program once; see :class:`~hwsim.engines.programs.runner.Runner`."""
        if self._stopped.is_set():
            raise ProgramError(f"{self.name}: not started, the run was stopped")
        mark = f"hwsim-{secrets.token_hex(8)}"
        try:
            process = subprocess.Popen(
                [str(self._program.absolute()), *arguments],
                cwd=place.outputs,
                env={**plain_environment(str(place.outputs), environment), _MARK: mark},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # its children die with it, and Ctrl-C reaches us first
            )
        except OSError as error:
            raise ProgramError(
                f"{self.name}: cannot be started: {error.strerror or error}"
            ) from error
        assert process.stdout is not None
        tail = _Tail(process.stdout)
        try:
            _limit(process.pid, self._limits)
            self._wait(process, place, tail)
        finally:
            _kill_group(process)
            _kill_marked(mark)  # also what has left the group
            tail.finish()
        if process.returncode:
            how = ending(process.returncode, self._limits)
            raise ProgramError(f"{self.name}: {how}; {last_words(tail.content)}")
        refuse_irregular(self.name, place.outputs)
        return tail.content.decode("utf-8", errors="replace")

    def _wait(self, process: subprocess.Popen[bytes], place: Workspace, tail: _Tail) -> None:
        watch = Watch(self.name, self._limits, self._stopped, place.outputs)
        disk_check = time.monotonic() + _DISK_CHECK_SECONDS
        pause = 0.002  # small problems take milliseconds
        while process.poll() is None:
            watch.refuse_late(lambda: tail.content)
            if time.monotonic() > disk_check:
                watch.refuse_large()
                disk_check = time.monotonic() + _DISK_CHECK_SECONDS
            time.sleep(pause)
            pause = min(2 * pause, _POLL_SECONDS)
        watch.refuse_large()


class _Tail:
    """Reads a pipe to its end in a thread and keeps the last bytes."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self.content = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with self._pipe, contextlib.suppress(OSError, ValueError):
            while piece := os.read(self._pipe.fileno(), OUTPUT_BYTES):
                self.content = (self.content + piece)[-OUTPUT_BYTES:]

    def finish(self) -> None:
        """Wait for the rest; a grandchild that fled from its group may hold the pipe open."""
        self._thread.join(timeout=2)


def _limit(pid: int, limits: Limits) -> None:
    """Limit memory, file size and core files of a process that has just begun."""
    if not hasattr(resource, "prlimit"):  # Linux only; elsewhere time and disk are watched
        return
    bounds = {
        resource.RLIMIT_AS: limits.memory_mib * MIB,
        resource.RLIMIT_FSIZE: limits.disk_mib * MIB,
        resource.RLIMIT_CORE: 0,
    }
    with contextlib.suppress(ProcessLookupError):  # it has ended already
        for what, bound in bounds.items():
            _, hard = resource.prlimit(pid, what)
            allowed = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
            resource.prlimit(pid, what, (allowed, allowed))


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _kill_marked(mark: str) -> None:
    """End what has left the group for a session of its own, by the variable that it inherited.

    Linux alone shows the environment of processes; elsewhere such children outlive the run.
    """
    wanted = f"{_MARK}={mark}".encode()
    for _ in range(_KILL_ROUNDS):  # what is found may have just begun another
        found = False
        for entry in _PROCESSES.glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)
                    found = True
        if not found:
            return


def ending(code: int, limits: Limits) -> str:
    """Word how a process ended, by its exit code or minus the signal that ended it."""
    if code >= 0:
        return f"ended with exit code {code}"
    if -code == signal.SIGXFSZ:
        return f"wrote a file of {limits.disk_mib} MiB, the most it may"
    try:
        return f"died with signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"died with signal {-code}"
