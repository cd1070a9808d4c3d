"""A container engine that is none: it notes what it is asked and answers as it was told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from docker.errors import APIError

RUNNING = {"Running": True}


class Container:
    def __init__(self, engine: Engine, start_error: APIError | None) -> None:
        self.id = f"container-{len(engine.created)}"
        self.removed = False
        self._engine = engine
        self._start_error = start_error

    def start(self) -> None:
        if self._start_error is not None:
            raise self._start_error
        if self._engine.on_start is not None:
            self._engine.on_start()

    def logs(self, **options: Any) -> list[bytes]:
        assert options == {
            "stream": True,
            "follow": False,
            "stdout": True,
            "stderr": True,
            "tail": 1000,
        }
        return self._engine.output

    def remove(self, force: bool) -> None:
        assert force
        self.removed = True


class Engine:
    """Stands in for ``docker.from_env``.

    Parameters
    ----------
    states : list of dict
        What the container's state is each time that it is asked for; the last one stays.
    output : list of bytes
        What it printed, in pieces.
    start_errors : list
        What starting the first, the second container ... fails with, or None.
    """

    def __init__(self, *states: dict[str, Any], output=(), start_errors=()) -> None:
        self.states = list(states) or [{"Running": False, "ExitCode": 0}]
        self.output = list(output)
        self.created: list[tuple[str, list[str], dict[str, Any]]] = []
        self.made: list[Container] = []
        self.closed = 0
        self.on_start = None
        self._errors = list(start_errors)
        self.images = SimpleNamespace(get=lambda image: None)
        self.containers = SimpleNamespace(create=self._create)
        self.api = SimpleNamespace(inspect_container=self._inspect)

    def __call__(self, timeout: int) -> Engine:
        assert timeout == 60
        return self

    def _create(self, image: str, command: list[str], **options: Any) -> Container:
        self.created.append((image, command, options))
        self.made.append(Container(self, self._errors.pop(0) if self._errors else None))
        return self.made[-1]

    def _inspect(self, number: str) -> dict[str, Any]:
        assert number == self.made[-1].id
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {"State": state}

    def close(self) -> None:
        self.closed += 1
