"""What STONNE's program can be told, and what is none of it."""

import pytest

from hwsim.engines.stonne.files.hardware_config import read_hardware_config
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.errors import InputError


def told(*arguments):
    return StonneSettings.of_command_line(list(arguments))


def refusal(*arguments):
    with pytest.raises(InputError) as caught:
        told(*arguments)
    return str(caught.value)


def test_what_is_not_said_is_the_programs_default():
    conv = told("-CONV")
    assert conv.numbers("num_ms", "dn_bw", "rn_bw", "R", "S", "T_S", "X", "Y") == (
        64, 4, 4, 1, 3, 3, 1, 3
    )  # fmt: skip
    gemm = told("-FC", "-M=7")
    assert (gemm.operation, gemm.numbers("M", "N", "K", "T_K")) == ("FC", (7, 1, 3, 1))
    assert (gemm.text("rn_type"), gemm.text("layer_name")) == ("ASNETWORK", "TestLayer")
    sparse = told("-SparseGEMM", "-dataflow=MK_STR_KN_STA")
    assert sparse.numbers("M", "N", "K", "MK_sparsity", "KN_sparsity") == (4, 4, 8, 20, 20)
    assert sparse.number("accumulation_buffer") == 0
    assert sparse.text("layer_name") == "GEMMTestLayer"


def test_numbers_up_to_their_bounds():
    sparse = told("-SparseGEMM", "-MK_sparsity=100", "-KN_sparsity=0", "-print_stats=0")
    assert sparse.numbers("MK_sparsity", "KN_sparsity", "print_stats") == (100, 0, 0)
    assert told("-CONV", "-R=0", "-K=2147483647").numbers("R", "K") == (0, 2**31 - 1)
    assert refusal("-CONV", "-K=2147483648").endswith("0 to 2147483647. Got 2147483648")
    assert told("-CONV", "-num_ms=1").number("num_ms") == 1


def test_later_options_win_and_every_option_is_said_again():
    settings = told("-DenseGEMM", "-M=3", "-M=4", "-generate_tile=1", "-generator=MRNA")
    assert settings.number("M") == 4
    assert (settings.text("generate_tile"), settings.text("generator")) == ("performance", "mRNA")
    assert told(*settings.arguments) == settings
    assert settings.arguments[0] == "-DenseGEMM"


def test_rows_of_a_mesh_are_enough_from_python_and_not_on_the_command_line():
    mesh = StonneSettings.of("DenseGEMM", {"ms_rows": 4, "ms_cols": 4, "num_ms": 12})
    assert mesh.on_mesh
    assert mesh.number("accumulation_buffer") == 1
    assert mesh.number("num_ms") == 12
    assert (mesh.text("rn_type"), mesh.text("mem_ctrl")) == ("TEMPORALRN", "TPU_OS_DENSE")
    for one in ("ms_rows", "ms_cols"):  # the other is the program's own
        assert StonneSettings.of("DenseGEMM", {one: 4}).on_mesh
    assert not StonneSettings.of("DenseGEMM", {"ms_rows": 4, "mn_type": "LINEAR"}).on_mesh
    assert not told("-DenseGEMM", "-ms_rows=4").on_mesh
    assert not told("-CONV").on_mesh


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "unknown operation ''; known: -CONV, -DenseGEMM, -FC, -SparseGEMM"),
        (("-Conv",), "unknown operation '-Conv'; known: -CONV, "),
        (("CONV",), "unknown operation 'CONV'; did you mean '-CONV'?"),
        (("-CONV", "-T_Q=1"), "-CONV: unknown option '-T_Q'; did you mean "),
        (("-CONV", "-R"), "-CONV: expected -OPTION=VALUE. Got '-R'"),
        (("-CONV", "R=3"), "-CONV: expected -OPTION=VALUE. Got 'R=3'"),
        (("-CONV", "-R=three"), "-R: expected a whole number, 0 or more. Got 'three'"),
        (("-CONV", "-R=-3"), "-R: expected a whole number, 0 or more. Got '-3'"),
        (
            ("-CONV", "-R=3000000000"),
            "-R: expected a whole number, 0 to 2147483647. Got 3000000000",
        ),
        (("-CONV", "-num_ms=12"), "-num_ms: expected a power of two. Got 12"),
        (("-CONV", "-dn_bw=0"), "-dn_bw: expected a power of two. Got 0"),
        (("-DenseGEMM", "-ms_cols=3"), "-ms_cols: expected a power of two. Got 3"),
        (("-CONV", "-print_stats=2"), "-print_stats: expected 0 or 1. Got 2"),
        (("-CONV", "-accumulation_buffer=2"), "-accumulation_buffer: expected 0 or 1. Got 2"),
        (
            ("-CONV", "-rn_type=ASNET"),
            "-rn_type: expected ASNETWORK, FENETWORK, TEMPORALRN. Got 'ASNET'; "
            "did you mean 'ASNETWORK'?",
        ),
        (("-SparseGEMM", "-MK_sparsity=101"), "-MK_sparsity: expected 0 to 100 percent. Got 101"),
        (
            ("-FC", "-generate_tile=4"),
            "-generate_tile: expected 0 or none, 1 or performance, 2 or energy, "
            "3 or energy_efficiency. Got '4'",
        ),
        (
            ("-FC", "-layer_name=a/b"),
            "-layer_name: expected a name that can be part of a file's. Got 'a/b'",
        ),
        (
            ("-FC", "-layer_name="),
            "-layer_name: expected a name that can be part of a file's. Got ''",
        ),
        (("-SparseGEMM", "-rn_type=FENETWORK"), "-SparseGEMM: unknown option '-rn_type'"),
    ],
)
def test_what_the_program_does_not_know(arguments, message):
    assert refusal(*arguments).startswith(message)


def test_a_configuration_of_stonne_is_taken_and_options_say_more(tmp_path):
    path = tmp_path / "tpu.cfg"
    path.write_text(
        'print_stats_enabled=false\n[MSNetwork]\ntype="OS_MESH"\nms_rows=3\nms_cols=5\n'
        '[ReduceNetwork]\ntype="TEMPORALRN"\naccumulation_buffer_enabled=1\n'
        '[SDMemory]\ndn_bw=2\nrn_bw=15\nport_width=8\ncontroller_type="TPU_OS_DENSE"\n'
        "[MSwitch]\nlatency=2\n"
    )
    settings = told("-DenseGEMM", "-M=6", f"-hwconfig={path}", "-rn_bw=16")
    assert settings.on_mesh
    assert settings.numbers("ms_rows", "ms_cols", "dn_bw", "rn_bw", "M") == (3, 5, 2, 16, 6)
    assert settings.number("print_stats") == 0
    assert settings.hardware == {"SDMemory": {"port_width": 8}, "MSwitch": {"latency": 2}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[MSNetwork", ": no TOML: "),
        ("print_stats_enabled=1", ": print_stats_enabled: expected true or false. Got 1"),
        ("[MSNet]\na=1", ": unknown key 'MSNet'; did you mean 'MSNetwork'?"),
        ("MSNetwork=1", ": unknown key 'MSNetwork'"),
        ("[MSNetwork]\nms_sizes=1", ": MSNetwork: unknown key 'ms_sizes'; did you mean 'ms_size'?"),
        ('[MSNetwork]\ntype="MESH"', ": MSNetwork.type: expected LINEAR, OS_MESH. Got 'MESH'"),
        ("[SDMemory]\ndn_bw=-1", ": SDMemory.dn_bw: expected a whole number, 0 or more. Got -1"),
        (
            "[SDMemory]\ndn_bw=true",
            ": SDMemory.dn_bw: expected a whole number, 0 or more. Got True",
        ),
        ("[ASwitch]\nlatency=2147483648", ": ASwitch.latency: expected a whole number, 0 or more"),
    ],
)
def test_a_configuration_that_stonne_does_not_know(tmp_path, text, message):
    path = tmp_path / "a.cfg"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_hardware_config(path)
    assert str(caught.value).startswith(f"{path}{message}")


@pytest.mark.parametrize("name", [7, "", "a/b", "a\nb"])
def test_names_from_python_are_text_that_can_be_part_of_a_file_s(name):
    with pytest.raises(InputError) as caught:
        StonneSettings.of("FC", {"layer_name": name})
    assert str(caught.value) == (
        f"layer_name: expected a name that can be part of a file's. Got {name!r}"
    )
