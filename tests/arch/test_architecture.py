"""An arch goes to other processes and machines: pickled or as bytes, without its file."""

from __future__ import annotations

import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from hwsim.arch import Arch, list_archs, load_arch
from hwsim.engines.timeloop.layers.layer_machine import design_inputs
from hwsim.errors import InputError
from hwsim.shipped import shipped_folder


def shipped_text(name: str) -> str:
    return (shipped_folder("arch_specs") / f"{name}.yaml").read_text()


def written(path: Path, text: str) -> Arch:
    path.write_text(text)
    return load_arch(path)


def fingerprint_there(data: bytes) -> tuple[str, str]:
    arch = Arch.from_bytes(data)
    return arch.fingerprint(), arch.label


@pytest.mark.parametrize("name", list_archs())
def test_bytes_and_pickles_give_every_shipped_arch_back(name: str) -> None:
    arch = load_arch(name)
    for copy in (Arch.from_bytes(arch.to_bytes()), pickle.loads(pickle.dumps(arch))):
        assert copy == arch
        assert hash(copy) == hash(arch)
        assert copy.fingerprint() == arch.fingerprint()
        assert copy.to_bytes() == arch.to_bytes()
        assert (copy.path, copy.label) == (arch.path, arch.label)
        assert list(copy.parameters.items()) == list(arch.parameters.items())
        assert copy.technology == arch.technology


def test_overrides_travel_in_their_order_with_their_sources() -> None:
    arch = load_arch("sigma", {"rn_bw": 32, "node": "45nm", "num_ms": 64})
    copy = Arch.from_bytes(arch.to_bytes())
    assert copy == arch
    assert copy.label == "sigma (rn_bw=32, num_ms=64, node=45nm)"
    assert copy.parameters == {"num_ms": 64, "dn_bw": 64, "rn_bw": 32}
    assert copy.technology is not None
    assert copy.technology.node_nm == 45
    assert copy.spec.technology is not None
    assert copy.spec.technology.sources["node"] == "set by the user"


@pytest.mark.outside
def test_another_process_without_the_file_has_the_same_arch(tmp_path: Path) -> None:
    arch = written(tmp_path / "mine.yaml", shipped_text("simple"))
    Path(arch.path).unlink()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        there = pool.submit(fingerprint_there, arch.to_bytes()).result()
    assert there == (arch.fingerprint(), "simple")


def test_errors_name_the_line_of_a_file_that_is_gone(tmp_path: Path) -> None:
    arch = written(tmp_path / "mine.yaml", shipped_text("simple"))
    Path(arch.path).unlink()
    copy = Arch.from_bytes(arch.to_bytes())
    line = shipped_text("simple").splitlines().index("      - name: Buffer") + 1
    assert copy.where(("design", "architecture", "nodes", 1)) == f"{arch.path}, line {line}"
    assert design_inputs(copy).origin.place(("architecture", "nodes", 1)) == (
        f"{arch.path}, line {line}"
    )


def test_the_same_content_in_two_files_is_one_arch(tmp_path: Path) -> None:
    text = shipped_text("simple")
    first, second = written(tmp_path / "a.yaml", text), written(tmp_path / "b.yaml", text)
    assert first == second
    assert len({first, second}) == 1
    assert first.fingerprint() == second.fingerprint()
    assert first != "simple"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: DRAM", "title: another DRAM"),
        ("source: made", "source: also made"),
        ("# Node and number formats.", "# Something else."),
        ("node: 45 nm", "node: 45nm"),
        ("clock: assumed", "clock: measured"),
        ("meaning: PEs of a row", "meaning: PEs side by side"),
    ],
)
def test_the_fingerprint_is_not_of_what_no_engine_reads(
    tmp_path: Path, before: str, after: str
) -> None:
    text = shipped_text("simple")
    assert before in text
    edited = written(tmp_path / "mine.yaml", text.replace(before, after, 1))
    assert edited.fingerprint() == load_arch("simple").fingerprint()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("columns: {value: 16", "columns: {value: 8"),
        ("engine: sparseloop", "engine: another"),
        ("meshX: columns", "meshX: rows"),
        ("node: 45 nm", "node: 28 nm"),
        ("weights: int8", "weights: int4"),
    ],
)
def test_the_fingerprint_changes_with_the_file(tmp_path: Path, before: str, after: str) -> None:
    text = shipped_text("simple")
    assert before in text
    edited = written(tmp_path / "mine.yaml", text.replace(before, after, 1))
    assert edited.fingerprint() != load_arch("simple").fingerprint()
    assert edited != load_arch("simple")


def test_the_fingerprint_changes_with_overrides_and_not_with_who_says_them() -> None:
    small = load_arch("sigma", {"num_ms": 64})
    assert small.fingerprint() != load_arch("sigma").fingerprint()
    assert small.fingerprint() == load_arch("sigma-64").fingerprint()
    assert small != load_arch("sigma-64")  # it has another name and source


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "arch: not the bytes of an architecture: JSONDecodeError: Expecting value"),
        (b"\xff\xfe\x00", "arch: not the bytes of an architecture: UnicodeDecodeError"),
        (b"[]", "arch: not the bytes of an architecture: TypeError: list indices must be"),
        (b'{"format": 2}', "arch: these bytes have format 2; this hwsim reads format 1"),
        (b'{"format": 1}', "arch: not the bytes of an architecture: KeyError: 'spec'"),
    ],
)
def test_other_bytes_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Arch.from_bytes(data)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        (
            "built: 2017-01-01",
            "design.architecture: nodes.1.attributes.built: should be text, a number, a list or "
            "a mapping. Got date",
        ),
        (
            "1: 2",
            "design.architecture: nodes.1.attributes: the key 1 should be text; put it in quotes",
        ),
    ],
)
def test_a_design_holds_only_what_can_travel(tmp_path: Path, attribute: str, message: str) -> None:
    text = shipped_text("simple").replace("{depth: buffer_rows", "{" + attribute + ", depth: 8", 1)
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_arch(path)
    line = text.splitlines().index("  architecture:") + 1
    assert str(caught.value) == f"{path}, line {line}: {message}"


def test_an_anchor_that_contains_itself_is_refused(tmp_path: Path) -> None:
    text = shipped_text("simple").replace("  architecture:\n", "  architecture: &a\n    a: *a\n", 1)
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_arch(path)
    line = text.splitlines().index("  architecture: &a") + 1
    assert str(caught.value) == f"{path}, line {line}: malformed YAML: an anchor contains itself"


def test_aliases_that_multiply_are_refused(tmp_path: Path) -> None:
    lines = ["    a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"    a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    head, tail = shipped_text("simple").split("  architecture:\n")
    path = tmp_path / "mine.yaml"
    path.write_text("\n".join([head + "  architecture:", *lines, tail]))
    with pytest.raises(InputError) as caught:
        load_arch(path)
    full = head.count("\n") + 7  # the line of a6: the million values are full there
    assert str(caught.value) == (
        f"{path}, line {full}: malformed YAML: aliases make more than 1,000,000 values of it"
    )
