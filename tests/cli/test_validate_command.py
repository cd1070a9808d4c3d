import json
import signal
import time

import pytest

from hwsim.engines.stonne.program._operand_feed import can_feed
from tests.cli.conftest import started
from tests.engines.programs import stand_ins
from tests.engines.programs.test_process import gone
from tests.engines.stonne.program.stand_ins import HALF, STAND_IN, WRONG

pytestmark = pytest.mark.outside

needs_compiler = pytest.mark.skipif(not can_feed(), reason="no C compiler, or not Linux")
SMALL = ("--set", "num_ms=32", "--columns", "2")


@pytest.fixture
def validate(cli, model, tmp_path):
    def call(body, *options):
        file = stand_ins.program(tmp_path, body)
        return cli("validate", "--model", model, "--program", file, *SMALL, *options)

    return call


@needs_compiler
def test_both_agree(validate, tmp_path):
    result = validate(STAND_IN, "--layers", "stem", "--layers", "fc")
    assert result.code == 0, result.err
    assert result.err == ""
    lines = result.out.splitlines()
    assert lines[:5] == [
        f"hwsim's engine against {tmp_path / 'stonne'}",
        "arch      sigma (num_ms=32)",
        "operands  each layer's own zeros, handed to the program through the C library's rand()",
        "columns   mult.: multiplications; buffer: reads and writes of the global buffer",
        "energy    STONNE's table (the paper's), unit not stated by its authors",
    ]
    assert [line.strip() for line in lines if line.strip() in ("dense", "signed-binary")] == [
        "dense",
        "signed-binary",
    ]
    ours = [line for line in lines if " hwsim " in line]
    theirs = [line for line in lines if line.strip().startswith("STONNE ")]
    assert len(ours) == len(theirs) == 4
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.endswith(" equal")
        assert mine.split(" hwsim ")[1].split()[:4] == other.split()[1:5]
        assert other.endswith(" figures")
    assert lines[-1].startswith("4 of 4 layers equal; ")
    assert lines[-1].endswith(" figures compared")


def test_random_operands(validate):
    result = validate(STAND_IN, "--operands", "random", "--scheme", "dense", "--layers", "fc")
    assert result.code == 0, result.err
    assert "drawn by the program at each layer's share of zeros" in result.out
    assert "1 of 1 layer equal" in result.out


@needs_compiler
def test_a_difference_is_named_and_exit_code_1(validate):
    result = validate(WRONG, "--layers", "stem", "--scheme", "dense")
    assert result.code == 1
    lines = result.out.splitlines()
    named = [line for line in lines if line.startswith("dense stem: ")]
    assert len(named) == 2
    assert named[0].startswith("dense stem: ReduceNetwork ADDER ADD_2_1: ")
    ours, theirs = named[0].rsplit(": ", 1)[1].split(", STONNE ")
    assert int(theirs) == int(ours) + 1
    assert named[1].startswith("dense stem: energy: ")
    assert "0 of 1 layer equal; " in lines[-1]
    assert lines[-1].endswith("; 1 differ")


@needs_compiler
def test_json(validate):
    result = validate(STAND_IN, "--json", "--layers", "fc", "--scheme", "dense")
    [layer] = json.loads(result.out)["layers"]
    assert (layer["M"], layer["K"], layer["N"]) == (1, 8, 10)
    assert layer["ours"] == layer["theirs"]
    assert list(layer["ours"]) == ["cycles", "multiplications", "buffer_accesses", "energy"]
    assert 0 < layer["seconds"]["ours"] < 60
    assert 0 < layer["seconds"]["theirs"] < 60
    assert layer["differences"] == []
    assert layer["failure"] is None
    assert layer["compared"] > 40
    assert layer["zeros"] == 0


@needs_compiler
def test_the_other_layers_go_on_when_one_fails(validate, tmp_path):
    body = 'if "conv1" in sys.argv[2]: sys.exit(5)\n' + stand_ins.textwrap.dedent(STAND_IN)
    some = ("--layers", "block.conv*", "--layers", "fc")
    result = validate(body, "--scheme", "dense", "--quantize-layers", "all", *some)
    assert result.code == 3
    lines = result.err.splitlines()
    program = tmp_path / "stonne"
    # conv1 and conv2 are one problem when they are dense: it is run once, and fails for both.
    assert lines == [
        f"error: dense: layer 'block.{name}': {program}: ended with exit code 5; it printed nothing"
        for name in ("conv1", "conv2")
    ]
    assert result.out.splitlines()[-1].startswith("1 of 3 layers equal; ")
    assert result.out.splitlines()[-1].endswith("; 2 without a result from the program")


@needs_compiler
@pytest.mark.parametrize(
    ("body", "part"),
    [
        (stand_ins.DIES, "died with signal 11 (SIGSEGV); it printed nothing"),
        (stand_ins.GARBAGE, "left no usable result: output_stats_layer_x.counters: is no text"),
        (HALF, "the file is cut off"),
        (stand_ins.NOT_STONNE, "did not take the layer's zeros"),
    ],
)
def test_programs_that_fail(validate, body, part):
    result = validate(body, "--layers", "fc", "--scheme", "dense")
    assert result.code == 3
    assert len(result.err.splitlines()) == 1
    assert part in result.err
    assert "Traceback" not in result.err


@needs_compiler
def test_limits(validate, tmp_path):
    one = ("--layers", "fc", "--scheme", "dense")
    result = validate(stand_ins.FILLS, *one, "--disk", "3")
    assert (result.code, "wrote 3 MiB of files" in result.err) == (3, True)
    result = validate(stand_ins.EATS_MEMORY, *one, "--memory", "1000")
    assert (result.code, "MemoryError" in result.err) == (3, True)
    body = "import time; time.sleep(60)"
    result = validate(body, *one, "--timeout", "0.5")
    assert (result.code, "did not end within 0.5 s" in result.err) == (3, True)


def test_no_program(cli, model, monkeypatch, tmp_path):
    monkeypatch.delenv("HWSIM_STONNE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = cli("validate", "--model", model)
    assert result.code == 2
    assert result.err.startswith("error: no program of STONNE: give --program FILE, set HWSIM_")
    result = cli("validate", "--model", model, "--program", tmp_path / "none")
    assert result.code == 2
    assert result.err == f"error: {tmp_path / 'none'}: no such program\n"


def test_misspelt_operands(validate):
    result = validate(STAND_IN, "--operands", "rndom")
    assert result.code == 2
    assert result.err == "error: --operands: expected auto, layer or random. Got 'rndom'\n"


def test_an_interrupt_ends_the_program_too(model, tmp_path):
    pids = tmp_path / "pids"
    file = stand_ins.program(tmp_path, stand_ins.HANGS, PIDS=str(pids))
    command = ["validate", "--model", model, "--program", file, "--operands", "random", *SMALL]
    with started(*command) as process:
        while not (pids.exists() and pids.read_text()):
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == "interrupted\n"
    assert all(gone(int(pid)) for pid in pids.read_text().split())
