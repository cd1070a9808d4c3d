"""A plan taken apart and put together: equal, its large arrays by content and once."""

from __future__ import annotations

import os

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks.network import Layer, Network
from hwsim.studies.plan import Plan
from hwsim.studies.request import Request
from hwsim.studies.workers import parcel as parcel_module
from hwsim.studies.workers.parcel import LARGE_BYTES, pack, unpack
from hwsim.studies.workers.shared_file import Place, SharedFile, mapped

pytestmark = pytest.mark.outside


def plan_of(*weights: np.ndarray, schemes: tuple[str, ...] = ("dense",)) -> Plan:
    layers = tuple(Layer(f"fc{n}", "linear", weight) for n, weight in enumerate(weights))
    return Plan.of(Request(model=Network(name="net", layers=layers), schemes=schemes))


def drawn(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)


def test_large_arrays_travel_apart_and_small_ones_inside() -> None:
    at_limit, below = drawn(128, 128), drawn(127, 128)
    assert at_limit.nbytes == LARGE_BYTES == 65536
    plan = plan_of(at_limit, below)
    parcel, contents = pack(plan)
    assert parcel.plan == plan.key
    assert len(parcel.arrays) == 1
    assert contents.keys() == set(parcel.arrays)
    assert len(parcel.arrays[0]) == 32
    assert bytes(contents[parcel.arrays[0]]) == at_limit.tobytes()
    assert below.nbytes < len(parcel.head) < 2 * below.nbytes


def test_it_is_the_same_plan_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcel_module, "LARGE_BYTES", 1)
    plan = plan_of(drawn(2, 3), drawn(4, 2, seed=1))
    parcel, contents = pack(plan)
    again = unpack(parcel, [contents[name] for name in parcel.arrays])
    assert again.key == plan.key
    for mine, theirs in zip(plan.network.layers, again.network.layers, strict=True):
        assert np.array_equal(mine.weight, theirs.weight)
    mine, theirs = plan.lower("dense", "fc1")[1], again.lower("dense", "fc1")[1]
    assert mine.fingerprint() == theirs.fingerprint()


def test_equal_arrays_have_one_name_and_travel_once() -> None:
    one, same, other = drawn(200, 200), drawn(200, 200), drawn(200, 200, seed=1)
    parcel, contents = pack(plan_of(one, other, same))
    assert parcel.arrays[0] == parcel.arrays[2] != parcel.arrays[1]
    assert len(contents) == 2
    again = unpack(parcel, [contents[name] for name in parcel.arrays])
    assert np.array_equal(again.network.layers[2].weight, same)
    second, _ = pack(plan_of(one, other, same, schemes=("binary",)))
    assert second.arrays == parcel.arrays
    assert second.plan != parcel.plan


def test_a_shared_file_is_mapped_by_who_has_it_open() -> None:
    shared = SharedFile()
    first, second = os.urandom(5000), os.urandom(3)
    places = [shared.put("a", memoryview(first)), shared.put("b", memoryview(second))]
    assert shared.put("a", memoryview(second)) == places[0]  # by its name
    assert places == [Place(0, 5000), Place(8192, 3)]
    given = os.dup(shared.descriptor)
    shared.close()
    arrays = mapped(given, places)
    assert list(map(bytes, arrays)) == [first, second]
    with pytest.raises(TypeError):
        arrays[1][0] = 0
    os.close(given)


def test_a_shared_file_has_no_name(tmp_path: str) -> None:
    shared = SharedFile(str(tmp_path))
    shared.put("a", memoryview(b"abc"))
    assert os.listdir(tmp_path) == []  # noqa: PTH208
    shared.close()


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = SharedFile("/tmp")

    class Full:
        def seek(self, *_: int) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(shared, "_file", Full())
    with pytest.raises(InputError) as caught:
        shared.put("a", memoryview(b"abc"))
    assert str(caught.value) == (
        "/tmp: no room for the weights that worker processes share: No space left on device; name "
        "another folder in TMPDIR"
    )


def test_a_folder_that_is_not_there_is_told() -> None:
    with pytest.raises(InputError, match=r"^/no/where: no room for the weights"):
        SharedFile("/no/where")
