"""As a user who may not write to the installation, to the home, or beside the results.

Root is made one by taking its capabilities away: modes of files hold for it then, too.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hwsim.networks import save_network
from tests.cli.conftest import CHECKOUT
from tests.studies.networks import tiny_network

pytestmark = pytest.mark.outside

#: Runs command lines one after the other, and prints how each ended and what it said.
SCRIPT = """
import contextlib, io, json, sys
from hwsim.cli import main
ended = []
for line in sys.argv[1:]:
    sys.argv = ["hwsim", *line.split()]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as leave:
            code = leave.code or 0
    ended.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(ended))
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that others may enter, with one that they may write to and a network in it."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("only setpriv makes an ordinary user of root")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for inside in ("home", "mine"):
            (folder / inside).mkdir()
        save_network(tiny_network(), folder / "mine" / "m.npz")
        (folder / "home").chmod(0o555)
        (folder / "mine").chmod(0o777)
        (folder / "mine" / "m.npz").chmod(0o444)
        folder.chmod(0o755)
        yield folder


def ordinary(*arguments: str, home: Path, code: Path, here: Path) -> tuple[str, str]:
    """Run Python as an ordinary user; gives what it printed."""
    less = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*less, sys.executable, *arguments],
        cwd=here,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(code)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def ended(place: Path, *lines: str, home: str = "home") -> list[tuple[int, str, str]]:
    out, _ = ordinary("-c", SCRIPT, *lines, home=place / home, code=CHECKOUT, here=place / "mine")
    return [tuple(each) for each in json.loads(out)]


def test_an_ordinary_user_with_a_home_that_cannot_be_written(place: Path) -> None:
    before = sorted(place.rglob("*"))
    run = "run --model m.npz --scheme dense --energy stonne"
    commands = ("network list", run, f"{run} -o out", "cache show", f"{run} -o ../home/out")
    listed, ran, saved, cache, refused = ended(place, *commands)
    assert [each[0] for each in (listed, ran, saved, cache)] == [0, 0, 0, 0]
    assert "Traceback" not in "".join(each[2] for each in (listed, ran, saved, cache, refused))
    assert (place / "mine" / "out" / "manifest.json").is_file()
    code, _, err = refused
    assert code == 2
    assert err.splitlines()[-1].startswith("error: ../home/out")
    assert "ermission denied" in err
    new = set(place.rglob("*")) - set(before)
    assert {each.relative_to(place).parts[:2] for each in new} == {("mine", "out")}


def test_a_home_that_is_not_there(place: Path) -> None:
    ran, cache = ended(
        place, "run --model m.npz --scheme dense --energy stonne", "cache show", home="none"
    )
    assert (ran[0], cache[0]) == (0, 0)
    assert "Traceback" not in ran[2] + cache[2]


def test_an_installation_that_cannot_be_written(place: Path) -> None:
    """Nothing is written beside the code, which all of this runs from."""
    copy = place / "installed"
    ignored = shutil.ignore_patterns("__pycache__")
    for part in ("hwsim", "arch_specs", "workloads"):
        shutil.copytree(CHECKOUT / part, copy / part, ignore=ignored)
    for each in (copy, *copy.rglob("*")):
        each.chmod(each.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    before = sorted(copy.rglob("*"))
    words = "run --model m.npz --scheme dense --energy stonne -o out"
    _, err = ordinary(
        *("-m", "hwsim", *words.split()), home=place / "home", code=copy, here=place / "mine"
    )
    assert err == ""
    assert sorted(copy.rglob("*")) == before
