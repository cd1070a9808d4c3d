"""One SQLite file that keeps what was found, and who is finding what."""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from hwsim.activity import Activity
from hwsim.studies.known_task import KnownTask
from hwsim.studies.layer_task import LayerTask
from hwsim.studies.store.faults import damage_of, faults_of
from hwsim.studies.store.opening import MEMORY, format_of, open_store, open_to_read
from hwsim.studies.store.owner import BEAT_S, Owner
from hwsim.workload.operands import Operands

#: Keys of one query; SQLite takes 32,766.
_AT_ONCE: Final = 5000
_LEVEL: Final = 1


@dataclass(frozen=True)
class Claimed:
    """What came of claiming keys: ours now, done already, or another process's."""

    ours: frozenset[str]
    done: frozenset[str]
    theirs: frozenset[str]


class Store:
    """A store, open.

    Every method is one transaction: what it has written survives whatever happens next. Several
    processes may have one store open.

    Parameters
    ----------
    path : str or Path
        The file; made where there is none.
    read_only : bool
        Whether it may be changed; one that is not there is refused then.

    Raises
    ------
    InputError
        If it cannot be opened, is no store, is damaged, or was written by a newer hwsim.
    """

    def __init__(self, path: str | Path, *, read_only: bool = False) -> None:
        self.path = Path(path)
        self._owner: Owner | None = None
        self._beat = 0.0
        self._base = open_to_read(self.path) if read_only else open_store(self.path)
        #: Which tables there are; one that was opened to be written has all of them.
        self.format = format_of(self._base)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def lasts(self) -> bool:
        """Whether it outlives the process: it is a file, and not memory."""
        return str(self.path) != MEMORY

    def close(self) -> None:
        """Give up what is claimed and close the file."""
        with suppress(sqlite3.Error):  # on a full disk: who has ended owns nothing either
            if self._owner is not None:
                self._base.execute("DELETE FROM owners WHERE id = ?", (self._owner.id,))
        self._base.close()

    def tasks(self, keys: Collection[str]) -> dict[str, KnownTask]:
        """Look up what is known of tasks; those that are not done are left out."""
        select = "SELECT key, activity, document, operands FROM tasks WHERE key IN"
        rows = list(self._of_keys(select, keys))
        with damage_of(self.path):
            return {
                key: KnownTask(
                    activity, LayerTask(scheme="", **json.loads(document)), _operands(operands)
                )
                for key, activity, document, operands in rows
            }

    def activities(self, keys: Collection[str]) -> dict[str, Activity]:
        """Read activities; those that are not there are left out."""
        rows = list(self._of_keys("SELECT key, document FROM activities WHERE key IN", keys))
        with damage_of(self.path):
            return {
                key: Activity.from_json(zlib.decompress(document).decode())
                for key, document in rows
            }

    def known_activities(self, keys: Collection[str]) -> set[str]:
        """Tell which activities are there."""
        rows = self._of_keys("SELECT key FROM activities WHERE key IN", keys)
        return {key for (key,) in rows}

    def save(
        self,
        activities: Mapping[str, tuple[Activity, str, float]],
        tasks: Mapping[str, tuple[str, LayerTask, Operands | None]],
    ) -> None:
        """Keep what was found, and let go what was claimed of it.

        Parameters
        ----------
        activities : mapping
            By key: the activity, the engine's version, the seconds it took.
        tasks : mapping
            By key: the key of the activity, and what the tables and the prices need.
        """
        with self._writing() as base:
            base.executemany(
                "INSERT OR IGNORE INTO activities VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (key, each.engine, version, each.cycles, each.utilization, _packed(each))
                    for key, (each, version, _) in activities.items()
                ],
            )
            base.executemany(
                "INSERT OR IGNORE INTO timings VALUES (?, ?, ?)",
                [(key, each.engine, took) for key, (each, _, took) in activities.items()],
            )
            base.executemany(
                "INSERT OR IGNORE INTO tasks VALUES (?, ?, ?, ?)",
                [
                    (key, activity, _task_text(task), _operands_text(operands))
                    for key, (activity, task, operands) in tasks.items()
                ],
            )
            done = [(key,) for key in (*activities, *tasks)]
            base.executemany("DELETE FROM claims WHERE key = ?", done)
            base.executemany("DELETE FROM failures WHERE task = ?", [(key,) for key in tasks])

    def fail(self, tasks: Iterable[str], attempts: int, error: str) -> None:
        """Keep why tasks could not be done; a later call tries them again."""
        with self._writing() as base:
            for key in tasks:
                base.execute(
                    "INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", (key, attempts, error)
                )
                base.execute("DELETE FROM claims WHERE key = ?", (key,))

    def failures(self, keys: Collection[str]) -> dict[str, str]:
        """Tell why tasks could not be done."""
        rows = self._of_keys("SELECT task, error FROM failures WHERE task IN", keys)
        return dict(rows)

    def claim(self, keys: Sequence[str], of: str) -> Claimed:
        """Claim what is to be done, so that no other process does it, too.

        Parameters
        ----------
        keys : sequence of str
            Of tasks or of activities.
        of : {"tasks", "activities"}
            Which.

        Returns
        -------
        Claimed
            What a process claimed that has ended is ours.
        """
        with self._writing() as base:
            owner = self._alive(base)
            table = {"tasks": "tasks", "activities": "activities"}[of]
            rows = self._of_keys(f"SELECT key FROM {table} WHERE key IN", keys)
            done = {key for (key,) in rows}
            rows = self._of_keys("SELECT key, owner FROM claims WHERE key IN", keys)
            held = {key: whose for key, whose in rows if key not in done and whose != owner.id}
            gone = self._gone(base, set(held.values()))
            for whose in gone:  # and with the owner all that it had claimed
                base.execute("DELETE FROM owners WHERE id = ?", (whose,))
            theirs = {key for key, whose in held.items() if whose not in gone}
            ours = [key for key in keys if key not in done and key not in theirs]
            base.executemany(
                "INSERT OR REPLACE INTO claims VALUES (?, ?)", [(key, owner.id) for key in ours]
            )
        return Claimed(frozenset(ours), frozenset(done), frozenset(theirs))

    def release(self, keys: Iterable[str] | None = None) -> None:
        """Let go what this process has claimed and not done; all of it when nothing is named."""
        if self._owner is None:
            return
        with self._writing() as base:
            if keys is None:
                base.execute("DELETE FROM claims WHERE owner = ?", (self._owner.id,))
            else:
                base.executemany(
                    "DELETE FROM claims WHERE key = ? AND owner = ?",
                    [(key, self._owner.id) for key in keys],
                )

    def beat(self) -> None:
        """Say that this process is alive, if it has claimed something and it is time to."""
        if self._owner is not None and time.time() - self._beat > BEAT_S:
            with self._writing() as base:
                self._alive(base)

    def _alive(self, base: sqlite3.Connection) -> Owner:
        owner = self._owner = self._owner or Owner()
        self._beat = time.time()
        base.execute(
            "INSERT INTO owners VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET beat = excluded.beat",
            (owner.id, owner.host, owner.pid, owner.began, self._beat),
        )
        return owner

    def _gone(self, base: sqlite3.Connection, owners: set[str]) -> set[str]:
        rows = self._of_keys("SELECT id, host, pid, began, beat FROM owners WHERE id IN", owners)
        there = {}
        for id_, host, pid, began, beat in rows:
            there[id_] = Owner(id_, host, pid, began).gone(beat)
        return {each for each in owners if there.get(each, True)}

    def query(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Ask the file something; for the tables of studies."""
        with faults_of(self.path):
            return self._base.execute(sql, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Change several rows or none; for the tables of studies."""
        with self._writing() as base:
            yield base

    def _of_keys(self, select: str, keys: Collection[str]) -> Iterator[tuple[Any, ...]]:
        listed = list(keys)
        with faults_of(self.path):
            for start in range(0, len(listed), _AT_ONCE):
                some = listed[start : start + _AT_ONCE]
                marks = ",".join("?" * len(some))
                yield from self._base.execute(f"{select} ({marks})", some).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with faults_of(self.path):
            self._base.execute("BEGIN IMMEDIATE")  # waits for others before anything is read
            try:
                yield self._base
                self._base.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # a full disk has ended the transaction itself
                    self._base.execute("ROLLBACK")
                raise


def _packed(activity: Activity) -> bytes:
    return zlib.compress(activity.to_json().encode(), _LEVEL)


def _task_text(task: LayerTask) -> str:
    return json.dumps({name: value for name, value in task._asdict().items() if name != "scheme"})


def _operands_text(operands: Operands | None) -> str | None:
    return None if operands is None else json.dumps(vars(operands))


def _operands(text: str | None) -> Operands | None:
    return None if text is None else Operands(**json.loads(text))


@contextmanager
def opened(store: str | Path | Store | None) -> Iterator[Store]:
    """Open a store, and close it in the end; one that is open already stays so.

    Parameters
    ----------
    store : str, Path, Store or None
        None for one in memory.
    """
    if isinstance(store, Store):
        yield store
        return
    with Store(store or MEMORY) as own:
        yield own
