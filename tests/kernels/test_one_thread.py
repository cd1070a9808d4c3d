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


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="not on this system")
def test_one_processor_while_it_lasts():
    pools = pytest.importorskip("threadpoolctl")
    allowed = os.sched_getaffinity(0)
    before = [pool["num_threads"] for pool in pools.threadpool_info()]
    with one_thread() as where:
        assert os.sched_getaffinity(0) == {max(allowed)}
        assert where == f"one thread, held on processor {max(allowed)}"
        assert all(pool["num_threads"] == 1 for pool in pools.threadpool_info())
    assert os.sched_getaffinity(0) == allowed
    assert [pool["num_threads"] for pool in pools.threadpool_info()] == before
