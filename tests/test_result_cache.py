"""Results on disk: what was written comes back, and anything else is as good as nothing."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from hwsim import result_cache
from hwsim.errors import CacheWarning
from hwsim.result_cache import ResultCache, cache_folder

KEY, OTHER = "ab" + "0" * 30, "ab" + "1" * 30


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HWSIM_NO_CACHE", "0")
    monkeypatch.setenv("HWSIM_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "things"


@pytest.fixture
def cache(folder):
    return ResultCache("things")


def test_what_is_kept_comes_back_under_its_name(cache, folder):
    assert cache.get(KEY) is None
    cache.put(KEY, b"one\ntwo")
    assert cache.get(KEY) == b"one\ntwo"
    assert cache.get(OTHER) is None
    [file] = cache.files()
    assert (file.key, file.path) == (KEY, folder / "ab" / f"{KEY}.kept")
    assert file.path.read_bytes() == b"hwsim cache 1 37d533d9fc5ef6b24e671a97a2961978\none\ntwo"
    assert file.size == file.path.stat().st_size
    assert sorted(path.name for path in folder.rglob("*")) == ["ab", file.path.name]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: content[:20],
        lambda content: b"",
        lambda content: content.replace(b"one", b"two"),
        lambda content: content.replace(b"cache 1", b"cache 2"),
        lambda content: content + b"\n",
        lambda content: content.partition(b"\n")[2],
    ],
)
def test_a_damaged_file_is_nothing_and_is_replaced(cache, damage):
    cache.put(KEY, b"one")
    [file] = cache.files()
    file.path.write_bytes(damage(file.path.read_bytes()))
    assert cache.get(KEY) is None
    cache.put(KEY, b"one")
    assert cache.get(KEY) == b"one"


def test_a_file_under_another_name_is_foreign(cache):
    cache.put(KEY, b"one")
    [file] = cache.files()
    file.path.rename(file.path.with_name(f"{OTHER}.kept"))
    assert cache.get(OTHER) is None


def test_the_environment_says_where(monkeypatch, tmp_path):
    monkeypatch.delenv("HWSIM_NO_CACHE", raising=False)
    monkeypatch.setenv("HWSIM_CACHE_DIR", str(tmp_path))
    assert cache_folder() == tmp_path
    for off, found in (("", tmp_path), ("0", tmp_path), ("1", None), ("yes", None)):
        monkeypatch.setenv("HWSIM_NO_CACHE", off)
        assert cache_folder() == found
    monkeypatch.setenv("HWSIM_NO_CACHE", "")
    monkeypatch.setenv("HWSIM_CACHE_DIR", "")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        assert cache_folder() == tmp_path / "xdg" / "hwsim"


def test_nothing_is_kept_when_it_is_off(cache, folder, monkeypatch):
    cache.put(KEY, b"one")
    monkeypatch.setenv("HWSIM_NO_CACHE", "1")
    assert cache.get(KEY) is None
    cache.put(OTHER, b"other")
    assert list(cache.files()) == []
    assert [path.name for path in folder.rglob("*.kept")] == [f"{KEY}.kept"]


@pytest.mark.filterwarnings("error::hwsim.errors.CacheWarning")
def test_a_folder_that_cannot_be_written_is_told_once(tmp_path, monkeypatch):
    monkeypatch.setenv("HWSIM_NO_CACHE", "")
    monkeypatch.setenv("HWSIM_CACHE_DIR", str(tmp_path / "file"))
    (tmp_path / "file").write_text("in the way")
    cache = ResultCache("things")
    with pytest.warns(CacheWarning) as told:
        cache.put(KEY, b"one")
    cache.put(OTHER, b"one")  # without a word, which would fail the test
    assert [str(each.message) for each in told] == [
        f"{tmp_path / 'file'}: things cannot be kept for the next run: Not a directory; "
        "HWSIM_CACHE_DIR names another folder, HWSIM_NO_CACHE=1 keeps none"
    ]
    assert cache.get(KEY) is None
    assert list(cache.files()) == []
    assert cache.clear() == (0, 0)


def test_a_shelf_has_room_for_so_many_and_the_oldest_go(cache, monkeypatch):
    assert result_cache.MOST_OF_SHELF * 256 == result_cache.SHELVES_MOST == 32768
    monkeypatch.setattr(result_cache, "MOST_OF_SHELF", 3)
    now = time.time()
    names = [f"ab{number:030}" for number in range(5)]
    for age, name in enumerate(names[:3]):
        cache.put(name, b"x")
        path = next(each.path for each in cache.files() if each.key == name)
        os.utime(path, (now, now - 1000 + age))
    cache.put("cd" + "0" * 30, b"on another shelf")
    cache.put(names[3], b"x")
    cache.put(names[4], b"x")
    kept = {each.key for each in cache.files()}
    assert kept == {*names[2:], "cd" + "0" * 30}


def test_what_is_used_is_not_old(cache):
    cache.put(KEY, b"one")
    [file] = cache.files()
    for age, noted in ((86000, False), (90000, True)):
        before = time.time() - age
        os.utime(file.path, (before, before))
        assert cache.get(KEY) == b"one"
        assert (file.path.stat().st_mtime > before + 1) == noted


def test_what_a_killed_process_left_aside_goes(cache, folder):
    for name, age in ((".old", 3700), (".new", 3500)):
        path = folder / "ab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age,) * 2)
    assert list(cache.files()) == []
    cache.put(KEY, b"one")
    assert {path.name for path in (folder / "ab").iterdir()} == {".new", f"{KEY}.kept"}


def test_clearing_removes_what_was_not_used_for_so_long(cache, folder):
    for key, age in ((KEY, 100), (OTHER, 10)):
        cache.put(key, b"1234")
        path = folder / "ab" / f"{key}.kept"
        os.utime(path, (time.time() - age,) * 2)
    size = path.stat().st_size
    assert cache.clear(50) == (1, size)
    assert [each.key for each in cache.files()] == [OTHER]
    assert cache.clear() == (1, size)
    assert cache.clear() == (0, 0)


_WRITER = """
import sys
import threading
from hwsim.result_cache import ResultCache
cache, letter = ResultCache("things"), sys.argv[1].encode()
print("ready", flush=True)
for turn in range(10**9 if sys.argv[2] == "for ever" else 100):
    cache.put("ab" + "0" * 30, letter * 200_000)
    found = cache.get("ab" + "0" * 30)
    assert found is not None and len(found) == 200_000 and len(set(found)) == 1, found
"""


@pytest.mark.outside
def test_two_writers_and_one_that_is_killed_leave_a_whole_file(cache, folder):
    """They write one name again and again; whoever reads finds what one of them has written."""
    given = {
        **os.environ,
        "PYTHONPATH": str(Path(result_cache.__file__).parents[1]),
        "HWSIM_NO_CACHE": "0",
        "HWSIM_CACHE_DIR": str(folder.parent),
    }
    options = {"env": given, "stdout": subprocess.PIPE, "text": True}
    call = [sys.executable, "-c", _WRITER]
    with (
        subprocess.Popen([*call, "a", "for ever"], **options) as killed,
        subprocess.Popen([*call, "b", "a while"], **options) as other,
    ):
        assert killed.stdout.readline() == "ready\n"
        time.sleep(0.05)
        killed.kill()
        other.communicate()
    assert other.returncode == 0
    assert cache.get("ab" + "0" * 30) == b"b" * 200_000
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache.put("ab" + "0" * 30, b"mine")
    assert cache.get("ab" + "0" * 30) == b"mine"


_HOLDER = """
import sys
import threading
from hwsim.result_cache import ResultCache
with ResultCache("things").alone(sys.argv[1]) as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(os.name != "posix", reason="files are locked another way")
def test_a_name_is_held_by_one_process_until_that_ends(cache, folder):
    given = {**os.environ, "PYTHONPATH": str(Path(result_cache.__file__).parents[1])}
    with cache.alone(KEY) as mine:
        assert mine
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, KEY],
        env=given,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout.readline() == "True\n"
        with cache.alone(KEY, patient=False) as mine:
            assert not mine
        with cache.alone(OTHER, patient=False) as mine:
            assert mine
        threading.Timer(0.1, holder.kill).start()
        start = time.monotonic()
        with cache.alone(KEY) as mine:
            assert mine
            assert time.monotonic() - start > 0.05
    with cache.alone(KEY, patient=False) as mine:
        assert mine


def test_where_nothing_can_be_locked_everybody_goes_on(cache, folder, monkeypatch):
    for patient in (True, False):
        monkeypatch.setenv("HWSIM_NO_CACHE", "1")
        with cache.alone(KEY, patient=patient) as mine:
            assert mine
        monkeypatch.setenv("HWSIM_NO_CACHE", "")
        monkeypatch.setenv("HWSIM_CACHE_DIR", str(folder.parent / "file"))
        folder.parent.mkdir(exist_ok=True)
        (folder.parent / "file").write_text("in the way")
        with cache.alone(KEY, patient=patient) as mine:
            assert mine
        monkeypatch.setenv("HWSIM_CACHE_DIR", str(folder.parent))

        def refuse(*_):
            raise OSError(errno.ENOLCK, "No locks available")

        with monkeypatch.context() as patch:
            patch.setattr("hwsim.result_cache.fcntl.lockf", refuse)
            with cache.alone(KEY, patient=patient) as mine:
                assert mine
