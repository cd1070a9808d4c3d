"""A program in a container image, through the docker SDK (Docker, or podman's API socket)."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from hwsim.engines.programs._process import ending
from hwsim.engines.programs._watch import Watch
from hwsim.engines.programs.container_engine import (
    address,
    answering_engine,
    engine_client,
    reason,
    sdk,
)
from hwsim.engines.programs.limits import Limits
from hwsim.engines.programs.runner import OUTPUT_BYTES, Workspace, last_words, refuse_irregular
from hwsim.errors import InputError, ProgramError

_INPUTS, _OUTPUTS = "/hwsim/in", "/hwsim/out"
#: User and group of runs by root, so that no program is root.
_NOBODY = "65534:65534"
_MOST_PROCESSES = 256
#: As shells report the signal SIGKILL.
_KILLED = 128 + 9
_POLL_SECONDS = 0.25
#: The only other place that can be written.
_SCRATCH = {"/tmp": "size=64m,mode=1777"}


class ContainerRunner:
    """Runs a program of an image: no network, nothing to write but its outputs, no root.

    The image has to be on this machine: it is several GB, and what runs is what somebody chose.
    """

    def __init__(self, image: str, program: str, limits: Limits) -> None:
        self._image = image
        self._program = program
        self._limits = limits
        self._stopped = threading.Event()
        self._user: str | None = _NOBODY if os.getuid() == 0 else f"{os.getuid()}:{os.getgid()}"

    @property
    def name(self) -> str:
        """Program and image."""
        return f"{self._program} in image {self._image}"

    def check(self) -> None:
        """See that a container engine answers and has the image."""
        docker = sdk()
        try:
            with answering_engine() as client:
                client.images.get(self._image)
        except docker.errors.ImageNotFound:
            raise InputError(
                f"image {self._image!r} is not on this machine; "
                f"get it with: docker pull {self._image}"
            ) from None

    def inside(self, place: Workspace, name: str) -> str:
        """Return the path in the container."""
        return f"{_INPUTS}/{name}"

    def stop(self) -> None:
        """Remove the containers that run; runs that are asked for later fail at once."""
        self._stopped.set()

    def run(
        self, arguments: Sequence[str], place: Workspace, environment: Mapping[str, str]
    ) -> str:
        """Run the program once; see :class:`~hwsim.engines.programs.runner.Runner`."""
        docker = sdk()
        if self._stopped.is_set():
            raise ProgramError(f"{self.name}: not started, the run was stopped")
        _open_to_others(place)
        try:
            with engine_client() as client:
                return self._run(client, arguments, place, environment)
        except docker.errors.ImageNotFound:
            raise ProgramError(f"image {self._image!r} is no longer on this machine") from None
        except (docker.errors.DockerException, OSError) as error:
            raise ProgramError(
                f"{self.name}: the container engine at {address()} failed: {reason(error)}"
            ) from error

    def _run(
        self,
        client: Any,
        arguments: Sequence[str],
        place: Workspace,
        environment: Mapping[str, str],
    ) -> str:
        container = self._create(client, arguments, place, environment)
        try:
            try:
                container.start()
            except sdk().errors.APIError as error:
                if self._user is None or "permission denied" not in str(error).lower():
                    raise
                self._user = None  # the image keeps its program from everyone but its own user
                container.remove(force=True)
                container = self._create(client, arguments, place, environment)
                container.start()
            state = self._wait(client, container, place)
            output = _tail(container)
        finally:
            with contextlib.suppress(Exception):  # what went wrong before is what matters
                container.remove(force=True)
        code = int(state.get("ExitCode", 0))
        if code or state.get("OOMKilled"):
            raise ProgramError(f"{self.name}: {self._ending(code)}; {last_words(output)}")
        refuse_irregular(self.name, place.outputs)
        return output.decode("utf-8", errors="replace")

    def _ending(self, code: int) -> str:
        if code == _KILLED:  # not every engine says whether it was for the memory
            return f"was killed, as happens to what takes more than {self._limits.memory_mib} MiB"
        # As shells do it, 128 + n says that signal n ended the program.
        return ending(128 - code if 128 < code < 160 else code, self._limits)

    def _create(
        self,
        client: Any,
        arguments: Sequence[str],
        place: Workspace,
        environment: Mapping[str, str],
    ) -> Any:
        types = sdk().types
        memory = f"{self._limits.memory_mib}m"  # the same with swap, so that there is none
        return client.containers.create(
            self._image,
            list(arguments),
            entrypoint=[self._program],
            environment={"LANG": "C", "HOME": _OUTPUTS, **environment},
            working_dir=_OUTPUTS,
            mounts=[
                types.Mount(_INPUTS, str(place.inputs), type="bind", read_only=True),
                types.Mount(_OUTPUTS, str(place.outputs), type="bind"),
            ],
            tmpfs=_SCRATCH,
            read_only=True,
            network_mode="none",
            user=self._user,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit=memory,
            memswap_limit=memory,
            pids_limit=_MOST_PROCESSES,
            log_config=types.LogConfig(
                type=types.LogConfig.types.JSON, config={"max-size": "1m", "max-file": "1"}
            ),
            labels={"org.hwsim.run": "1"},
        )

    def _wait(self, client: Any, container: Any, place: Workspace) -> dict[str, Any]:
        watch = Watch(self.name, self._limits, self._stopped, place.outputs)
        pause = 0.01
        while True:
            state: dict[str, Any] = client.api.inspect_container(container.id)["State"]
            watch.refuse_large()
            if not state.get("Running"):
                return state
            watch.refuse_late(lambda: _tail(container))
            time.sleep(pause)
            pause = min(2 * pause, _POLL_SECONDS)


def _tail(container: Any) -> bytes:
    content = b""
    for piece in container.logs(stream=True, follow=False, stdout=True, stderr=True, tail=1000):
        content = (content + piece)[-OUTPUT_BYTES:]
    return content


def _open_to_others(place: Workspace) -> None:
    """Let the container's user, who is not ours, read the inputs and write the outputs."""
    place.inputs.chmod(0o755)
    for file in place.inputs.iterdir():
        file.chmod(0o755 if file.is_dir() else 0o644)
    place.outputs.chmod(0o777)
