"""STONNE's energy script: its file, to the last digit."""

import json

import pytest

from hwsim.energy.stonne_script import run_energy_script
from hwsim.errors import InputError
from tests.engines.stonne.files.result_files import counters_text
from tests.measured import golden_folder

TABLE = "A AREA=1.5 STATIC=0.25 X=0.1 Y=0\n\nB Z=2\n"
COUNTERS = "CYCLES=10\n[One]\nA X=3 Y=4\nB Z=1\n[Two]\nA X=1\n\n"


def script(tmp_path, *options, table=TABLE, counters=COUNTERS):
    (tmp_path / "table").write_text(table)
    (tmp_path / "run.counters").write_text(counters)
    files = [f"-table_file={tmp_path / 'table'}", f"-counter_file={tmp_path / 'run.counters'}"]
    return run_energy_script([*files, *options])


def test_sums_by_section(tmp_path):
    written = script(tmp_path)
    assert written == tmp_path / "run.counters.energy"
    assert written.read_text() == (
        "DYNAMIC ENERGY TABLE USED\n-------------------------------------------\n"
        "A AREA=1.5 STATIC=0.25 X=0.1 Y=0\nB Z=2\n"
        "-------------------------------------------\n"
        "COMPONENT BREAKDOWN\n-------------------------------------------\n"
        "One: STATIC=2.5 AREA=1.5 DYNAMIC=2.3\n"
        "Two: STATIC=2.5 AREA=1.5 DYNAMIC=0.1\n"
        "Total STATIC Energy: 5.0\nTotal DYNAMIC Energy: 2.4\nTotal Area: 3.0\nTotal Energy: 7.4"
    )


def test_every_line_is_said_when_asked_for(tmp_path):
    said = script(tmp_path, "-v", f"-out_file={tmp_path / 'out'}").read_text()
    assert (
        "[One]\nA STATIC=2.5 AREA=1.5 X=0.30000000000000004 Y=0.0\nB STATIC=0.0 AREA=0.0 Z=2.0\n"
        "[Two]\nA STATIC=2.5 AREA=1.5 X=0.1\nCOMPONENT BREAKDOWN\n"
    ) in said


def test_without_cycles_nothing_is_static(tmp_path):
    text = script(tmp_path, counters=COUNTERS.removeprefix("CYCLES=10\n")).read_text()
    assert "One: STATIC=0.0 AREA=1.5 DYNAMIC=2.3\n" in text


def test_the_table_that_stonne_brings_gives_the_measured_energies(tmp_path):
    with (golden_folder("stonne_tpu") / "cases.jsonl").open(encoding="utf-8") as lines:
        case = json.loads(next(lines))
    path = tmp_path / "a.counters"
    path.write_text(counters_text(case))
    text = run_energy_script([f"-counter_file={path}"]).read_text()
    assert "FIFO AREA=0 STATIC=0 PUSH=0 POP=0 FRONT=0\n" in text
    assert "SWITCH AREA=108.99 STATIC=0.000157 ROUTE_UNICAST=0.036 " in text
    total = float(text.rsplit("Total Energy: ", 1)[1])
    assert total == pytest.approx(case["energy"]["total"], rel=1e-9)


@pytest.mark.parametrize(
    ("options", "files", "message"),
    [
        (("-w",), {}, "-energy: unknown option '-w'; known: -counter_file=, "),
        (("-out_file=",), {}, "-energy: unknown option '-out_file='"),
        *(
            (
                (),
                {"table": f"A {action}\n"},
                f"{{}}/table: line 1: expected ACTION=<number>, 0 or more. Got {action!r}",
            )
            for action in ("X", "X=y", "X=-1", "X=nan", "X=inf", "X=1e308")
        ),
        ((), {"table": "A\n"}, "{}/run.counters: line 3: the table has no 'X' of A"),
        ((), {"table": "B Z=1\n"}, "{}/run.counters: line 3: the table has no component 'A'"),
        (
            (),
            {"counters": "CYCLES=1\nA X=1\n"},
            "{}/run.counters: line 2: expected [UNIT] before the first component. Got 'A X=1'",
        ),
        (
            (),
            {"counters": "[U]\nA X=-1\n"},
            "{}/run.counters: line 2: expected ACTION=<number>. Got 'X=-1'",
        ),
    ],
)
def test_what_the_script_cannot_read(tmp_path, options, files, message):
    with pytest.raises(InputError) as caught:
        script(tmp_path, *options, **files)
    assert str(caught.value).startswith(message.format(tmp_path))


def test_counters_have_to_be_named(tmp_path):
    with pytest.raises(InputError) as caught:
        run_energy_script(["-v"])
    assert str(caught.value) == "-energy: expected -counter_file=FILE, the .counters of a run"
