"""The container engine, through the docker SDK (Docker, or podman's API socket)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hwsim.errors import InputError

_API_SECONDS = 60


def sdk() -> Any:
    """Import the docker SDK.

    Raises
    ------
    InputError
        If it is not installed.
    """
    try:
        import docker
        import docker.errors
        import docker.types
    except ImportError:
        raise InputError(
            "images need the docker package: pip install 'hwsim[docker]', or give a program "
            "with --program"
        ) from None
    return docker


@contextmanager
def engine_client() -> Iterator[Any]:
    """Connect to the engine."""
    client = sdk().from_env(timeout=_API_SECONDS)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def answering_engine() -> Iterator[Any]:
    """Connect to the engine, and say so in one line where none answers; an image may be missing.

    Raises
    ------
    InputError
        If there is no SDK, or no engine answers.
    """
    docker = sdk()
    try:
        with engine_client() as client:
            yield client
    except docker.errors.ImageNotFound:
        raise
    except (docker.errors.DockerException, OSError) as error:
        where = address()
        socket = Path(where.removeprefix("unix://"))
        missing = where.startswith("unix://") and not socket.exists()
        said = "there is no such socket" if missing else reason(error)
        raise InputError(
            f"no container engine answers at {where}: {said}; start it, "
            "or name another one's socket with DOCKER_HOST"
        ) from error


def engine_version() -> str:
    """Ask the engine for its version.

    Raises
    ------
    InputError
        As :func:`answering_engine`.
    """
    with answering_engine() as client:
        return str(client.version()["Version"])


def address() -> str:
    """Tell where the engine is, or would be."""
    return os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"


def reason(error: Exception) -> str:
    """Word what an engine says of an error, in one line of at most 300 characters."""
    explanation = getattr(error, "explanation", None)
    text = " ".join(str(explanation or error).split())
    return text if len(text) <= 300 else f"{text[:300]}..."
