"""What is kept, and who claims what."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hwsim.errors import InputError
from hwsim.studies.store import store as store_module
from hwsim.studies.store.owner import Owner
from hwsim.studies.store.store import Store
from tests.studies.store.rows import OPERANDS, activity, layer_task


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path) as opened:
        yield opened


@pytest.fixture
def other(store: Store, path: Path) -> Iterator[Store]:
    """Of another process, as far as the file knows."""
    with Store(path) as opened:
        yield opened


def test_what_is_saved_is_there(store: Store, other: Store) -> None:
    store.save(
        {"a": (activity(), "3", 0.5)},
        {"t": ("a", layer_task(), OPERANDS), "u": ("a", layer_task(layer="fc"), None)},
    )
    assert other.activities(["a", "b"]) == {"a": activity()}
    assert other.known_activities(["a", "b"]) == {"a"}
    known = other.tasks(["t", "u", "v"])
    assert known.keys() == {"t", "u"}
    assert known["t"].activity == "a"
    assert known["t"].operands == OPERANDS
    assert known["t"].under("pruned") == layer_task("pruned")
    assert known["u"].operands is None
    assert known["u"].under("binary") == layer_task(layer="fc")
    assert store.query("SELECT key, engine, version, cycles, utilization FROM activities") == [
        ("a", "sigma", "3", 7, 0.25)
    ]
    assert store.query("SELECT * FROM timings") == [("a", "sigma", 0.5)]


def test_more_keys_than_one_query_takes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_AT_ONCE", 2)
    keys = [f"k{n}" for n in range(5)]
    store.save({key: (activity(n + 1), "1", 0.0) for n, key in enumerate(keys)}, {})
    found = store.activities(keys)
    assert {key: each.cycles for key, each in found.items()} == {f"k{n}": n + 1 for n in range(5)}


def test_what_is_there_stays(store: Store) -> None:
    store.save({"a": (activity(7), "1", 0.5)}, {"t": ("a", layer_task(), None)})
    store.save({"a": (activity(8), "2", 0.7)}, {"t": ("a", layer_task(layer="fc"), None)})
    assert store.activities(["a"])["a"].cycles == 7
    assert store.tasks(["t"])["t"].under("binary").layer == "conv"
    assert store.query("SELECT seconds FROM timings") == [(0.5,)]


def test_a_task_without_its_activity_is_refused_and_nothing_is_kept(store: Store) -> None:
    with pytest.raises(InputError):
        store.save({"a": (activity(), "1", 0.5)}, {"t": ("b", layer_task(), None)})
    assert store.known_activities(["a"]) == set()


def test_failures_are_told_until_they_are_done(store: Store) -> None:
    store.claim(["t", "u"], "tasks")
    store.fail(["t", "u"], 3, "the program ended")
    assert store.failures(["t", "u", "v"]) == {
        "t": "the program ended",
        "u": "the program ended",
    }
    assert store.query("SELECT attempts FROM failures") == [(3,), (3,)]
    assert store.query("SELECT * FROM claims") == []
    store.fail(["t"], 4, "again")
    store.save({"a": (activity(), "1", 0.5)}, {"u": ("a", layer_task(), None)})
    assert store.failures(["t", "u"]) == {"t": "again"}


def test_what_one_claims_no_other_does(store: Store, other: Store) -> None:
    store.save({"a": (activity(), "1", 0.5)}, {"t": ("a", layer_task(), None)})
    first = store.claim(["t", "u"], "tasks")
    assert (first.ours, first.done, first.theirs) == ({"u"}, {"t"}, set())
    second = other.claim(["t", "u", "v"], "tasks")
    assert (second.ours, second.done, second.theirs) == ({"v"}, {"t"}, {"u"})
    again = store.claim(["u"], "tasks")
    assert again.ours == {"u"}
    activities = other.claim(["a", "b"], "activities")
    assert (activities.ours, activities.done) == ({"b"}, {"a"})


def test_what_is_let_go_another_takes(store: Store, other: Store) -> None:
    store.claim(["t", "u", "v"], "tasks")
    store.release(["t"])
    assert other.claim(["t", "u"], "tasks").ours == {"t"}
    store.release(["t"])  # no longer its own
    assert store.claim(["t"], "tasks").theirs == {"t"}
    store.release()
    assert other.claim(["u", "v"], "tasks").ours == {"u", "v"}
    assert store.claim(["t"], "tasks").theirs == {"t"}


def test_who_never_claimed_has_nothing_to_let_go(store: Store) -> None:
    store.release()
    assert store.query("SELECT * FROM owners") == []


def test_what_is_done_is_claimed_no_more(store: Store, other: Store) -> None:
    store.claim(["t"], "tasks")
    store.claim(["a"], "activities")
    store.save({"a": (activity(), "1", 0.5)}, {"t": ("a", layer_task(), None)})
    assert store.query("SELECT * FROM claims") == []
    assert other.claim(["t"], "tasks").done == {"t"}


def test_closing_gives_up_what_is_claimed(path: Path, store: Store) -> None:
    with Store(path) as other:
        other.claim(["t"], "tasks")
        assert store.claim(["t"], "tasks").theirs == {"t"}
    assert store.claim(["t"], "tasks").ours == {"t"}
    assert store.query("SELECT count(*) FROM owners") == [(1,)]


def test_what_a_dead_process_claimed_is_free(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    other.claim(["t", "u"], "tasks")
    monkeypatch.setattr(Owner, "gone", lambda owner, beat: True)
    assert store.claim(["t"], "tasks").ours == {"t"}
    assert store.query("SELECT key FROM claims") == [("t",)]  # all that it had
    assert store.query("SELECT count(*) FROM owners") == [(1,)]


def test_an_owner_is_asked_with_its_last_beat(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module.time, "time", lambda: 1000.0)
    other.claim(["t"], "tasks")
    seen = []
    monkeypatch.setattr(Owner, "gone", lambda owner, beat: seen.append((owner, beat)))
    store.claim(["t"], "tasks")
    [(owner, beat)] = seen
    assert beat == 1000.0
    assert owner == replace(Owner(), id=owner.id)
    assert owner.pid == os.getpid()


def test_a_beat_is_written_when_it_is_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(store_module.time, "time", lambda: now[0])
    store.beat()  # has claimed nothing
    assert store.query("SELECT beat FROM owners") == []
    store.claim(["t"], "tasks")
    now[0] = 1005.0
    store.beat()
    assert store.query("SELECT beat FROM owners") == [(1000.0,)]
    now[0] = 1005.1
    store.beat()
    assert store.query("SELECT beat FROM owners") == [(1005.1,)]


def test_a_change_that_fails_is_none(store: Store) -> None:
    with pytest.raises(InputError), store.writing() as base:  # noqa: PT012
        base.execute("INSERT INTO failures VALUES ('t', 1, 'x')")
        base.execute("INSERT INTO failures VALUES ('t', 1, 'x')")
    assert store.failures(["t"]) == {}
    store.fail(["t"], 1, "y")  # and the store goes on
    assert store.failures(["t"]) == {"t": "y"}


DAMAGED = (
    "{path}: is damaged; keep a copy, and give another --store ('sqlite3 FILE .recover' may save "
    "what is in it)"
)


@pytest.mark.parametrize(
    "document", [b"", zlib.compress(b"{"), zlib.compress(b"{}"), zlib.compress(b"\xff"), b"12345"]
)
def test_a_damaged_activity_is_refused(store: Store, document: bytes) -> None:
    store.save({"a": (activity(), "1", 0.5)}, {})
    with store.writing() as base:
        base.execute("UPDATE activities SET document = ?", (document,))
    with pytest.raises(InputError) as caught:
        store.activities(["a"])
    assert str(caught.value) == DAMAGED.format(path=store.path)


@pytest.mark.parametrize(
    ("column", "damaged"),
    [("document", "{"), ("document", "{}"), ("document", ""), ("operands", '{"x": 1}')],
)
def test_a_damaged_task_is_refused(store: Store, column: str, damaged: str) -> None:
    store.save({"a": (activity(), "1", 0.5)}, {"t": ("a", layer_task(), None)})
    with store.writing() as base:
        base.execute(f"UPDATE tasks SET {column} = ?", (damaged,))
    with pytest.raises(InputError) as caught:
        store.tasks(["t"])
    assert str(caught.value) == DAMAGED.format(path=store.path)


def test_a_task_is_kept_without_its_scheme(store: Store) -> None:
    store.save({"a": (activity(), "1", 0.5)}, {"t": ("a", layer_task(), None)})
    [(document,)] = store.query("SELECT document FROM tasks")
    assert "scheme" not in json.loads(document)


def test_documents_are_json_for_other_tools(store: Store) -> None:
    store.save({"a": (activity(), "1", 0.5)}, {"t": ("a", layer_task(), OPERANDS)})
    [(packed,)] = store.query("SELECT document FROM activities")
    assert json.loads(zlib.decompress(packed))["cycles"] == 7
    [(task, operands)] = store.query("SELECT document, operands FROM tasks")
    assert json.loads(task)["layer"] == "conv"
    assert "scheme" not in json.loads(task)
    assert json.loads(operands)["sign_bits"] == 3


def test_errors_of_sql_name_the_file(store: Store) -> None:
    with pytest.raises(InputError) as caught:
        store.query("SELECT * FROM nowhere")
    expected = f"{store.path}: the store cannot be used: no such table: nowhere"
    assert str(caught.value) == expected
    with pytest.raises(InputError) as caught, store.writing() as base:
        base.execute("SELECT * FROM nowhere")
    assert str(caught.value) == expected
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
