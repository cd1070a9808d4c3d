"""``hwsim run --engine stonne``: the real program in place of the architecture's engine."""

import json
import signal
import textwrap
import time

import pytest

from hwsim.engines.stonne.program._operand_feed import can_feed
from hwsim.errors import InputError
from hwsim.studies.store.store import Store
from tests.cli.conftest import started
from tests.engines.programs import stand_ins
from tests.engines.programs.test_process import gone
from tests.engines.stonne.program.stand_ins import STAND_IN

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(not can_feed(), reason="no C compiler, or not Linux"),
]


@pytest.fixture
def run(cli, model, tmp_path):
    def call(body, *options):
        file = stand_ins.program(tmp_path, body)
        where = ("--engine", "stonne", "--program", file)
        return cli("run", "--model", model, "--set", "num_ms=32", *where, *options)

    return call


def test_the_tables_are_those_of_our_engine(run, cli, model):
    schemes = ("--scheme", "signed-binary", "--json")
    theirs = json.loads(run(STAND_IN, *schemes).out)
    ours = json.loads(cli("run", "--model", model, "--set", "num_ms=32", *schemes).out)
    assert theirs["layers"] == ours["layers"]
    assert theirs["totals"] == ours["totals"]
    assert theirs["manifest"]["engine"] == "stonne"
    assert ours["manifest"]["engine"] == "sigma"
    assert theirs["manifest"]["failures"] == []


def test_the_report_says_whose_figures_they_are(run):
    lines = run(STAND_IN, "--layers", "fc").out.splitlines()
    assert "engine   stonne in place of the architecture's own, sigma" in lines


def test_a_layer_that_fails_is_left_out_under_every_scheme(run, tmp_path):
    body = 'if "stem" in sys.argv[2]: sys.exit(5)\n' + textwrap.dedent(STAND_IN)
    some = ("--layers", "stem", "--layers", "fc")
    result = run(body, "--json", "--scheme", "dense", "--scheme", "signed-binary", *some)
    assert result.code == 3
    document = json.loads(result.out)
    layers = [(row["scheme"], row["layer"]) for row in document["layers"]]
    assert len(layers) == 4  # by each of two energy tables
    assert not any(layer == "stem" for _, layer in layers)
    reason = f"layer 'stem': {tmp_path / 'stonne'}: ended with exit code 5; it printed nothing"
    assert result.err.splitlines() == [
        f"error: {scheme}: {reason}" for scheme in ("dense", "signed-binary")
    ]


def test_every_layer_fails(run, tmp_path):
    result = run(stand_ins.DIES, "--layers", "fc", "-o", tmp_path / "out")
    assert result.code == 3
    assert result.err == (
        f"error: dense: layer 'fc': {tmp_path / 'stonne'}: died with signal 11 (SIGSEGV); "
        "it printed nothing\n"
    )
    assert not (tmp_path / "out").exists()


def test_a_program_for_an_engine_that_runs_none(cli, model):
    result = cli("run", "--model", model, "--docker", "image:1")
    assert result.code == 2
    assert result.err == (
        "error: --docker needs an engine that runs a program: --engine stonne or timeloop\n"
    )


def test_an_interrupt_ends_the_program_too(model, tmp_path):
    pids = tmp_path / "pids"
    file = stand_ins.program(tmp_path, stand_ins.HANGS, PIDS=str(pids))
    command = ["run", "--model", model, "--layers", "fc", "--engine", "stonne", "--program", file]
    with started(*command) as process:
        while not (pids.exists() and pids.read_text()):
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == "interrupted\n"
    assert all(gone(int(pid)) for pid in pids.read_text().split())


def test_a_run_that_was_killed_goes_on_where_it_was(model, tmp_path, cli):
    calls = tmp_path / "calls"
    # The layer "fc" takes for ever, until the file "quick" is there.
    body = f"""
        import pathlib, time
        with open({str(calls)!r}, "a") as file:
            file.write(sys.argv[1] + "\\n")
        while "fc" in " ".join(sys.argv) and not pathlib.Path({str(tmp_path / "quick")!r}).exists():
            time.sleep(0.02)
    """
    file = stand_ins.program(tmp_path, textwrap.dedent(body) + textwrap.dedent(STAND_IN))
    where = ("--engine", "stonne", "--program", file, "--scheme", "dense", "--set", "num_ms=32")
    asked = ("run", "--model", model, *where, "--layers", "stem", "--layers", "fc")
    store = tmp_path / "x.db"
    with started(*asked, "--store", store) as process:
        while not (store.exists() and kept(store) == 1):
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    before = len(calls.read_text().split())
    (tmp_path / "quick").touch()
    result = cli(*asked, "--store", store, "--json")
    assert result.code == 0, result.err
    assert kept(store) == 2
    assert len(calls.read_text().split()) == before + 1  # fc alone
    ours = json.loads(cli(*asked[:3], *where[4:], *asked[-4:], "--json").out)
    assert json.loads(result.out)["totals"] == ours["totals"]


def kept(store):
    try:
        with Store(store, read_only=True) as opened:
            return opened.query("SELECT count(*) FROM activities")[0][0]
    except InputError:  # being made
        return 0
