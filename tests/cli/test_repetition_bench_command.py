import json
import sys

import pytest

from hwsim.kernels import host as module


def test_one_document(cli, model, monkeypatch):
    pytest.importorskip("llvmlite")
    pytest.importorskip("threadpoolctl")
    monkeypatch.setattr("hwsim.kernels.tuning._VECTORS", (1,))
    monkeypatch.setattr("hwsim.kernels.peak._ROUNDS", 10)
    options = "--scheme", "signed-binary", "--rounds", 1, "--quantize-layers", "all"
    result = cli("repetition", "bench", "--model", model, *options, "--json")
    assert result.code == 0, result.err
    document = json.loads(result.out)
    assert document["schemes"] == ["signed-binary"]
    assert document["layers"]
    assert set(document["peak"]) == {"fma", "add", "load"}


def test_without_llvmlite(cli, model, monkeypatch):
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    module._binding.cache_clear()
    module.host.cache_clear()
    result = cli("repetition", "bench", "--model", model)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "error: kernels are compiled by llvmlite, which is not installed: "
        "pip install 'hwsim[cpu]'\n"
    )
