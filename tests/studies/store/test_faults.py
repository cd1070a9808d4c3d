"""Files that are no store, or cannot be used as one: a line that tells what to do, nothing lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hwsim.errors import InputError
from hwsim.studies.store import faults, opening
from hwsim.studies.store.schema import FORMAT
from hwsim.studies.store.store import Store
from hwsim.studies.study_store import list_studies
from tests.studies.store.rows import OPERANDS, activity, everything, layer_task

pytestmark = pytest.mark.outside


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with something in it."""
    file = tmp_path / "x.db"
    with Store(file) as store:
        store.save(
            {f"a{n:03}": (activity(n + 1), "1", 0.5) for n in range(200)},
            {f"t{n:03}": (f"a{n:03}", layer_task(), OPERANDS) for n in range(200)},
        )
    return file


def refused(path: Path, *, read_only: bool = False) -> str:
    with pytest.raises(InputError) as caught:
        Store(path, read_only=read_only)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


NO_STORE = "is no store of hwsim; give another file"
BOTH = pytest.mark.parametrize("read_only", [False, True])


@BOTH
def test_a_folder(tmp_path: Path, read_only: bool) -> None:
    assert refused(tmp_path, read_only=read_only) == ("is a folder, not a store; name a file in it")


@BOTH
def test_a_folder_that_is_not_there(tmp_path: Path, read_only: bool) -> None:
    file = tmp_path / "no" / "x.db"
    assert refused(file, read_only=read_only) == (
        f"there is no folder {tmp_path / 'no'}; make it, or give another"
    )


def test_a_store_that_is_not_there_is_made_or_not(tmp_path: Path) -> None:
    assert refused(tmp_path / "x.db", read_only=True) == "no such store"
    assert list(tmp_path.iterdir()) == []
    Store(tmp_path / "x.db").close()
    assert [each.name for each in tmp_path.iterdir()] == ["x.db"]


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    file.touch()
    assert refused(file, read_only=True) == NO_STORE
    Store(file).close()
    with Store(file, read_only=True) as store:
        assert store.tasks(["t"]) == {}


@BOTH
@pytest.mark.parametrize("content", [b"model: a.npz\n" * 100, bytes(4096), b"SQLite format 3\0"])
def test_a_file_that_is_no_store(tmp_path: Path, content: bytes, read_only: bool) -> None:
    file = tmp_path / "x.db"
    file.write_bytes(content)
    assert refused(file, read_only=read_only) == NO_STORE
    assert file.read_bytes() == content


@BOTH
def test_a_store_of_another_program(tmp_path: Path, read_only: bool) -> None:
    file = tmp_path / "x.db"
    with sqlite3.connect(file) as base:
        base.execute("CREATE TABLE tasks (key TEXT)")
    base.close()
    before = file.read_bytes()
    assert refused(file, read_only=read_only) == NO_STORE
    assert file.read_bytes() == before


@BOTH
@pytest.mark.parametrize("version", [0, FORMAT + 1])
def test_a_store_of_another_version(path: Path, version: int, read_only: bool) -> None:
    with sqlite3.connect(path) as base:
        base.execute("PRAGMA journal_mode = DELETE")
        base.execute(f"PRAGMA user_version = {version}")
    base.close()
    before = path.read_bytes()
    assert refused(path, read_only=read_only) == (
        f"a store of version {version}; this hwsim reads versions 1 to {FORMAT}. Use the hwsim "
        "that wrote it, or give another --store"
    )
    assert path.read_bytes() == before


def test_words_of_a_schema_that_are_no_text(path: Path) -> None:
    """SQLite quotes them in its error, which Python then cannot read."""
    whole = path.read_bytes()
    damaged = whole.replace(b"CREATE TABLE", b"CREATE \xb4ABLE")
    assert damaged != whole
    path.write_bytes(damaged)
    assert refused(path).startswith("is damaged; ")


def test_a_damaged_store_is_told_or_says_the_same(path: Path) -> None:
    """Page after page is overwritten: what is read is right, or refused."""
    whole, rows = path.read_bytes(), everything(path)
    size = int.from_bytes(whole[16:18], "big")
    pages = len(whole) // size
    assert pages > 10
    told = 0
    for page in range(pages):
        start = page * size
        path.write_bytes(whole[:start] + bytes(size) + whole[start + size :])
        try:
            with Store(path) as store:
                activities = store.activities([key for key, *_ in rows["activities"]])
                tasks = store.tasks([key for key, *_ in rows["tasks"]])
        except InputError as error:
            told += "damaged" in str(error) or NO_STORE in str(error)
            continue
        assert all(activities[key].cycles == int(key[1:]) + 1 for key in activities)
        assert all(tasks[key].activity == f"a{key[1:]}" for key in tasks)
    assert told > pages // 2


@pytest.mark.parametrize(("name", "spec"), [("s", "{"), (None, "{}"), (7, "{}")])
def test_a_study_whose_row_nobody_wrote_so(path: Path, name: object, spec: str) -> None:
    with sqlite3.connect(path) as base:
        columns = [row[1] for row in base.execute("PRAGMA table_info(studies)")]
        values = {"name": name, "spec": spec, "provenance": "{}"}
        marks = ", ".join("?" * len(columns))
        row = [values.get(column, "") for column in columns]
        base.execute("DROP TABLE studies")
        base.execute(f"CREATE TABLE studies ({', '.join(columns)})")
        base.execute(f"INSERT INTO studies VALUES ({marks})", row)
    base.close()
    with Store(path, read_only=True) as store, pytest.raises(InputError) as caught:
        list_studies(store)
    assert str(caught.value).startswith(f"{path}: is damaged; keep a copy")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_store_is_told(path: Path, share: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match="is damaged; keep a copy"), Store(path) as store:
        store.activities([f"a{n:03}" for n in range(200)])


def test_a_full_disk_keeps_what_was_there(path: Path) -> None:
    before = everything(path)
    with Store(path) as store:
        store.claim(["u"], "tasks")
        pages = store.query("PRAGMA page_count")[0][0]
        store.query(f"PRAGMA max_page_count = {pages}")
        kept = 0
        with pytest.raises(InputError) as caught:  # noqa: PT012
            while kept < 1000:
                store.save({f"new{kept}": (activity(), "1", 0.5)}, {})
                kept += 1
        assert str(caught.value) == (
            f"{path}: the disk is full; free some room and run again, what was finished is kept"
        )
    after = everything(path)
    assert after["tasks"] == before["tasks"]
    assert len(after["activities"]) == 200 + kept
    with Store(path) as store:  # goes on where there is room again
        store.save({"more": (activity(), "1", 0.5)}, {})
        assert store.query("SELECT * FROM claims") == []


FILL = """
import sys
from hwsim.studies.store.store import Store
from hwsim.errors import InputError
from tests.studies.store.rows import activity
try:
    with Store(sys.argv[1]) as store:
        for n in range(100_000):
            store.save({f"a{n}": (activity(n + 1), "1", 0.5)}, {})
            done = n + 1
except InputError as error:
    print(done, error)
"""


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """A real one of half a megabyte, where the system lets us have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    script = (
        f"mount -t tmpfs -o size=512k none {folder} && {sys.executable} -c '{FILL}' {folder}/x.db"
        f" && cp {folder}/x.db* {tmp_path}"
    )
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "-rm", "true"], capture_output=True).returncode:
        pytest.skip("a file system of one's own takes Linux and user namespaces")
    done = subprocess.run(
        [unshare, "-rm", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    count, _, message = done.stdout.partition(" ")
    assert message == (
        f"{folder}/x.db: the disk is full; free some room and run again, what was finished is "
        "kept\n"
    )
    with Store(tmp_path / "x.db") as store:
        assert store.query("SELECT count(*) FROM activities") == [(int(count),)]
        assert store.activities([f"a{int(count) - 1}"]).keys() == {f"a{int(count) - 1}"}


@pytest.fixture
def shared(path: Path) -> Iterator[Path]:
    """A folder that others may read, with the store in it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        shutil.copy(path, folder)
        yield Path(folder) / "x.db"


def read_by_a_user(path: Path) -> list[str]:
    """Open a store as somebody whom permissions bind: read only, then to write."""
    said = []
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        for read_only in (True, False):
            try:
                with Store(path, read_only=read_only) as store:
                    said.append(str(len(store.tasks([f"t{n:03}" for n in range(200)]))))
            except InputError as error:
                said.append(str(error))
    finally:
        os.seteuid(me)
    return said


def read_only(*paths: Path) -> None:
    for path in paths:
        path.chmod(path.stat().st_mode & ~0o222)


READ_ONLY = "{path}: is read-only; make it writable, or give another --store"


def test_a_read_only_folder_is_read(shared: Path) -> None:
    read_only(shared, shared.parent)
    assert read_by_a_user(shared) == ["200", READ_ONLY.format(path=shared)]


def test_a_read_only_file_is_read(shared: Path) -> None:
    shared.parent.chmod(0o777)
    read_only(shared)
    assert read_by_a_user(shared) == ["200", READ_ONLY.format(path=shared)]


def test_a_read_only_folder_with_a_store_that_was_not_closed(path: Path, shared: Path) -> None:
    """Its last transactions are in the file beside it, which cannot be joined to it there."""
    with Store(path) as store:
        store.save({"new": (activity(), "1", 0.5)}, {"new": ("new", layer_task(), None)})
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", f"{shared}{suffix}")
    read_only(shared, shared.parent)
    [first, second] = read_by_a_user(shared)
    assert first == (
        f"{shared}: cannot be read in its folder, as x.db-wal has the last of it; copy both to "
        "where you may write"
    )
    assert second == (
        f"{shared}: cannot be opened; see that its folder is there and may be written"
    )


def test_a_store_that_another_holds(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PATIENCE_S", 0.01)
    with Store(path) as store, Store(path) as other, store.writing():
        with pytest.raises(InputError) as caught:
            other.fail(["t"], 1, "x")
        assert str(caught.value) == (
            f"{path}: another process has held it for a minute; end that one and run again"
        )
        assert len(other.tasks(["t001"])) == 1  # reading goes on


class _Busy(sqlite3.Connection):
    """What two processes see that make one store at the same time: SQLite waits for neither."""

    refusals = 2

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:  # type: ignore[override]
        if sql.startswith("PRAGMA journal_mode") and _Busy.refusals > 0:
            _Busy.refusals -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error
        return super().execute(sql, *parameters)


def test_a_store_that_another_is_making(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **k, factory=_Busy))
    with Store(tmp_path / "x.db") as store:
        assert _Busy.refusals == 0
        assert store.tasks(["t"]) == {}
    monkeypatch.setattr(opening, "PATIENCE_S", 0.05)
    monkeypatch.setattr(_Busy, "refusals", 10**9)
    assert refused(tmp_path / "y.db") == (
        "another process has held it for a minute; end that one and run again"
    )


def test_faults_that_nobody_has_worded(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^x\.db: the store cannot be used: oh$"):  # noqa: SIM117
        with faults.faults_of(Path("x.db")):
            raise sqlite3.OperationalError("oh")
