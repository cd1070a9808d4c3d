import json

import numpy as np
import pytest

import hwsim

MALFORMED = [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (6, -8)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-6, -8)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 8)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': 'x'}",
    "{'descr': 'nonsense', 'fortran_order': False, 'shape': (2, 2)}",
    "{'descr': '|O', 'fortran_order': False, 'shape': (2, 2)}",
    "{'descr': '<f4', 'fortran_order': 3, 'shape': (2, 2)}",
    "{'descr': '<f4'}",
    "(" * 3000,
    "",
]


@pytest.fixture
def matrices(tmp_path):
    draw = np.random.default_rng(3).random
    mk, kn = draw((6, 20)) < 0.4, draw((20, 7)) < 0.9
    np.save(tmp_path / "mk.npy", mk)
    np.save(tmp_path / "kn.npy", kn.astype(np.float32))
    return tmp_path, mk, kn


def test_json_file_is_what_simulate_gemm_returns(cli, matrices):
    folder, mk, kn = matrices
    result = cli(
        *("gemm", "--arch", "sigma", "--set", "num_ms=16", "--mk", folder / "mk.npy"),
        *("--kn", folder / "kn.npy", "--json", folder / "out.json"),
    )
    assert result.code == 0, result.err
    expected = hwsim.simulate_gemm(mk, kn, hwsim.load_arch("sigma", {"num_ms": 16})).to_dict()
    assert json.loads((folder / "out.json").read_text()) == json.loads(json.dumps(expected))
    assert f"cycles       {expected['cycles']:,}" in result.out
    assert sorted(file.name for file in folder.iterdir()) == ["kn.npy", "mk.npy", "out.json"]


def test_json_on_standard_output_is_all_there_is(cli, matrices):
    folder, mk, _ = matrices
    result = cli("gemm", "--mk", folder / "mk.npy", "--columns", 5, "--json", "-")
    assert json.loads(result.out)["cycles"] == hwsim.simulate_gemm(mk, 5).cycles


def test_dense_rows_stream_past_a_stationary_right_matrix(cli, matrices):
    folder, _, kn = matrices
    dataflow = "MK_STR_KN_STA"
    result = cli(
        *("gemm", "--rows", 9, "--kn", folder / "kn.npy", "--dataflow", dataflow, "--json", "-")
    )
    expected = hwsim.simulate_gemm(9, kn, dataflow=dataflow).cycles
    assert json.loads(result.out)["cycles"] == expected


def test_bad_input_is_one_line_and_exit_2(cli, matrices):
    folder, mk, _ = matrices
    good = folder / "mk.npy"
    np.save(folder / "cube.npy", np.ones((2, 2, 2)))
    np.save(folder / "none.npy", np.ones((4, 0)))
    np.save(folder / "nan.npy", np.array([[np.nan, 1.0]]))
    np.save(folder / "words.npy", np.array([["a"]]))
    np.save(folder / "objects.npy", np.array([[None]], dtype=object), allow_pickle=True)
    (folder / "text.npy").write_text("no matrix")
    (folder / "cut.npy").write_bytes(good.read_bytes()[:100])
    cases = {
        ("--mk", good): "give either --kn FILE.npy or --columns COUNT",
        ("--mk", good, "--kn", good, "--columns", 3): (
            "give either --kn FILE.npy or --columns COUNT"
        ),
        ("--mk", good, "--columns", 0): (
            "--columns must be at least 1, the GEMM would be empty. Got 0"
        ),
        ("--mk", folder / "no.npy", "--columns", 3): (
            f"{folder / 'no.npy'}: No such file or directory"
        ),
        ("--mk", folder / "text.npy", "--columns", 3): (
            f"{folder / 'text.npy'}: not a .npy file; write the matrix with numpy.save"
        ),
        ("--mk", folder / "cube.npy", "--columns", 3): (
            f"{folder / 'cube.npy'}: expected a matrix with rows and columns. Got shape (2, 2, 2)"
        ),
        ("--mk", folder / "none.npy", "--columns", 3): (
            f"{folder / 'none.npy'}: expected a matrix with rows and columns. Got shape (4, 0)"
        ),
        ("--mk", folder / "nan.npy", "--columns", 3): (
            f"{folder / 'nan.npy'}: holds NaN or infinite values"
        ),
        ("--mk", folder / "words.npy", "--columns", 3): (
            "mk must hold booleans or numbers. Got dtype <U1"
        ),
        ("--mk", good, "--kn", good): (
            f"mk must be (M, K) and kn (K, N) with the same K. Got mk {mk.shape} and kn {mk.shape}"
        ),
        ("--mk", good, "--columns", 3, "--dataflow", "MK_STA_KN_ST"): (
            "unknown dataflow 'MK_STA_KN_ST'; did you mean 'MK_STA_KN_STR'?"
        ),
        ("--mk", good, "--columns", 3, "--json", good / "out.json"): (
            f"{good / 'out.json'}: cannot be written: there is no folder {good}"
        ),
    }
    for arguments, message in cases.items():
        result = cli("gemm", *arguments)
        assert (result.code, result.out, result.err) == (2, "", f"error: {message}\n")
    for number, header in enumerate(MALFORMED):
        text = header.encode() + b"\n"
        content = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(64)
        (folder / f"malformed{number}.npy").write_bytes(content)
    for name in ("objects.npy", "cut.npy", *(f"malformed{n}.npy" for n in range(len(MALFORMED)))):
        result = cli("gemm", "--mk", folder / name, "--columns", 3)
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith(f"error: {folder / name}: not a .npy file that can be used: ")
        assert result.err.count("\n") == 1
