import sys

import pytest

from hwsim.errors import InputError
from hwsim.kernels import host as module
from hwsim.kernels.host import Host, function


def test_without_llvmlite(monkeypatch):
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    module._binding.cache_clear()
    module.host.cache_clear()
    with pytest.raises(InputError) as caught:
        module.host()
    assert str(caught.value) == (
        "kernels are compiled by llvmlite, which is not installed: pip install 'hwsim[cpu]'"
    )


def test_size_of_the_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_L1", tmp_path / "size")
    assert module._l1_bytes() == 32768  # nobody tells
    (tmp_path / "size").write_text("48K\n")
    assert module._l1_bytes() == 49152


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ({"avx512f": True, "avx": True}, (16, 32, 64)),
        ({"avx512f": False, "avx": True}, (8, 16, 32)),
        ({"neon": True}, (4, 16, 16)),
    ],
)
def test_vectors_by_the_features_of_the_processor(monkeypatch, features, expected):
    class Binding:
        get_host_cpu_features = staticmethod(lambda: features)
        get_host_cpu_name = staticmethod(lambda: "test")

    monkeypatch.setattr(module, "_binding", Binding)
    found = module.host.__wrapped__()
    assert isinstance(found, Host)
    assert (found.lanes, found.registers, found.vector_bytes) == expected


def test_a_function_takes_addresses_and_integers():
    pytest.importorskip("llvmlite")
    import ctypes

    text = "define void @put(ptr %at, i64 %value) {\n  store i64 %value, ptr %at\n  ret void\n}\n"
    place = ctypes.c_int64(0)
    function(text, "put", 2)(ctypes.addressof(place), -5)
    assert place.value == -5
