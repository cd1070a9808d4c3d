import os
import sys

import pytest

from hwsim.errors import InputError
from hwsim.kernels.one_thread import one_thread


def test_without_threadpoolctl(monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with pytest.raises(InputError) as caught, one_thread():
        pass
    assert str(caught.value) == (
        "measuring on one thread needs threadpoolctl, which is not installed: "
        "pip install 'hwsim[cpu]'"
    )


def threads(pools):
    return {pool["filepath"]: pool["num_threads"] for pool in pools.threadpool_info()}


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="not on this system")
def test_one_processor_while_it_lasts():
    pools = pytest.importorskip("threadpoolctl")
    allowed = os.sched_getaffinity(0)
    before = threads(pools)
    with one_thread() as where:
        assert os.sched_getaffinity(0) == {max(allowed)}
        assert where == f"one thread, held on processor {max(allowed)}"
        assert set(threads(pools).values()) == {1}
    assert os.sched_getaffinity(0) == allowed
    assert before.items() <= threads(pools).items()  # torch may have brought its own meanwhile
