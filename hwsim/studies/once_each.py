"""Compare two programs on every layer, but on each distinct problem only once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from hwsim.workload.workload import Workload

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

#: A frozen dataclass with the fields ``scheme`` and ``layer``.
_C = TypeVar("_C", bound="DataclassInstance")


def compare_once_each(
    problems: Sequence[tuple[str, Workload]],
    keys: Sequence[Hashable],
    compare: Callable[[str, Workload], _C],
    *,
    workers: int,
    on_done: Callable[[str], None],
    stop: Callable[[], None],
) -> tuple[_C, ...]:
    """Run a comparison for each distinct problem and give every layer its result.

    Parameters
    ----------
    problems : sequence of (str, Workload)
        Scheme and workload of each layer.
    keys : sequence
        What makes problems the same, one for each.
    compare : callable
        Compares one problem.
    workers : int
        Comparisons at a time.
    on_done : callable
        Called with a layer's name when it is done.
    stop : callable
        Ends what runs, when a comparison raises or Ctrl-C is pressed.

    Returns
    -------
    tuple
        One comparison a problem, in order, under the problem's own scheme and layer.
    """
    distinct = dict(zip(reversed(keys), reversed(problems), strict=True))

    def run(problem: tuple[str, Workload]) -> _C:
        done = compare(*problem)
        on_done(problem[1].layer)
        return done

    with ThreadPoolExecutor(workers) as pool:
        try:
            futures = {key: pool.submit(run, distinct[key]) for key in dict.fromkeys(keys)}
            found = {key: future.result() for key, future in futures.items()}
        except BaseException:  # also Ctrl-C: the programs must not run on
            stop()
            pool.shutdown(cancel_futures=True)
            raise
    return tuple(
        replace(found[key], scheme=scheme, layer=workload.layer)
        for key, (scheme, workload) in zip(keys, problems, strict=True)
    )
