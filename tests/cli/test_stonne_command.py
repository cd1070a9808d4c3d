"""``hwsim stonne``: STONNE's own command line."""

import pytest

from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.operations import report_operation

SPARSE = ("-SparseGEMM", "-M=3", "-N=2", "-K=8", "-num_ms=8", "-dn_bw=4", "-rn_bw=2")
MESH = (
    *("-DenseGEMM", "-M=9", "-N=7", "-K=5", "-ms_rows=4", "-ms_cols=4", "-dn_bw=8", "-rn_bw=16"),
    *("-T_M=4", "-T_N=3", "-accumulation_buffer=1", "-rn_type=TEMPORALRN", "-mn_type=OS_MESH"),
    "-mem_ctrl=TPU_OS_DENSE",
)


@pytest.mark.parametrize("arguments", [SPARSE, MESH])
def test_files_are_left_where_the_program_would_leave_them(cli, tmp_path, monkeypatch, arguments):
    monkeypatch.setenv("OUTPUT_DIR", str(tmp_path))
    result = cli("stonne", *arguments, "-layer_name=a b")
    assert result.code == 0, result.err
    report = report_operation(StonneSettings.of_command_line(list(arguments)))
    ms = 8 if arguments is SPARSE else 64
    [counters], [stats] = (list(tmp_path.glob(f"*.{end}")) for end in ("counters", "txt"))
    assert counters.name.startswith(f"output_stats_layer_a b_architecture_MSes_{ms}_dnbw_")
    assert counters.read_text() == report.counters_text()
    assert stats.read_text() == report.stats_text()
    assert result.out.splitlines()[-1] == f"Number of cycles running: {report.cycles}"
    energy = cli("stonne", "-energy", f"-counter_file={counters}")
    assert energy.out == f"{counters}.energy: written\n"


def test_no_files_without_statistics(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OUTPUT_DIR", raising=False)
    result = cli("stonne", *MESH, "-print_stats=0")
    assert result.out == "Number of cycles running: 115\n"
    assert list(tmp_path.iterdir()) == []
    assert cli("stonne", *MESH).code == 0
    assert len(list(tmp_path.iterdir())) == 2


def test_a_tile_is_chosen_as_the_program_does_or_the_fastest(cli):
    quick = (*MESH, "-print_stats=0", "-generate_tile=performance")
    assert cli("stonne", *quick, "-generator=fastest").out == "Number of cycles running: 85\n"
    # measured: with 16 multipliers STONNE's mapper takes 1 x 4 x 4
    assert cli("stonne", *quick, "-num_ms=16").out == "Number of cycles running: 207\n"


@pytest.mark.parametrize("arguments", [(), ("-h",)])
def test_help_says_what_there_is(cli, arguments):
    result = cli("stonne", *arguments)
    assert result.code == 0
    assert "-SparseGEMM" in result.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-Sparse",), "unknown operation '-Sparse'; did you mean '-SparseGEMM'?"),
        (
            ("-SparseDense", "-M=4"),
            "-SparseDense: hwsim has no MAGMA, the machine that STONNE runs",
        ),
        (("-DenseGEMM", f"-M={10**20}"), "-M: expected a whole number, 0 to 2147483647. Got 1000"),
        (("-CONV", "-layer_name=a\nb"), "-layer_name: expected a name that can be part of a file"),
        (("-SparseGEMM", "-T_K=1"), "-SparseGEMM: unknown option '-T_K'"),
        (("-SparseGEMM", "-num_ms=7"), "-num_ms: expected a power of two. Got 7"),
        (("-DenseGEMM", "-hwconfig=none.cfg"), "none.cfg: cannot be read: No such file"),
        (
            ("-DenseGEMM", "-T_M=5", *(each for each in MESH[1:] if each != "-T_M=4")),
            "T_M must be at most ms_rows = 4",
        ),
        (
            ("-CONV", "-generate_tile=1", "-generator=StonneMapper"),
            "-CONV: STONNE's own mapper has tiles of dense GEMMs only: set generator=mRNA, or fast",
        ),
        (
            ("-CONV", "-generate_tile=1", "-R=9", "-S=9", "-X=9", "-Y=9"),
            "generate_tile: mRNA takes whole filters, and R x S = 81 is more than num_ms = 64",
        ),
        (("-FC", "-M=0", "-generate_tile=1"), "M must be at least 1. Got 0"),
        (("-energy",), "-energy: expected -counter_file=FILE"),
    ],
)
def test_what_is_refused(cli, arguments, message):
    result = cli("stonne", *arguments)
    assert result.code == 2
    assert result.err.startswith(f"error: {message}")
    assert result.err.count("\n") == 1
