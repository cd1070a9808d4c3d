"""One thread on one processor, for what is measured."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from hwsim.errors import InputError


@contextmanager
def one_thread() -> Iterator[str]:
    """Hold this thread on one processor, and BLAS and torch to one thread; says where.

    Raises
    ------
    InputError
        If threadpoolctl is not installed, without which BLAS would take all processors.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise InputError(
            "measuring on one thread needs threadpoolctl, which is not installed: "
            "pip install 'hwsim[cpu]'"
        ) from error
    with ExitStack() as stack:
        _limit_torch(stack)
        stack.enter_context(threadpool_limits(1))
        yield _pin(stack)


def _limit_torch(stack: ExitStack) -> None:
    try:
        import torch
    except ImportError:
        return
    stack.callback(torch.set_num_threads, torch.get_num_threads())
    torch.set_num_threads(1)


def _pin(stack: ExitStack) -> str:
    system: Any = os  # not every system has these
    if not hasattr(system, "sched_setaffinity"):
        return "one thread, on whatever processor the system chooses"
    allowed = system.sched_getaffinity(0)
    stack.callback(system.sched_setaffinity, 0, allowed)
    chosen = max(allowed)
    system.sched_setaffinity(0, {chosen})
    return f"one thread, held on processor {chosen}"
