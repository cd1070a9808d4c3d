"""Files are read as one text in which every line knows its file."""

import pytest

from hwsim.engines.timeloop.spec import _yaml_files, read_inputs
from hwsim.engines.timeloop.spec._yaml_files import read_files
from hwsim.errors import InputError

ONE = "---\n# a comment\nproblem:\n  instance: {M: 4}\n...\n"
TWO = "%YAML 1.2\nmapping:\n- target: GLB\n- {target: Spad,\n   type: x}\n"


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / "one.yaml", tmp_path / "two.yml"]
    for path, text in zip(paths, (ONE, TWO), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def test_the_place_of_a_key_is_the_line_where_it_stands(files):
    one, two = files
    data, place = read_files(files, {"problem"})
    assert data == {
        "problem": {"instance": {"M": 4}},
        "mapping": [{"target": "GLB"}, {"target": "Spad", "type": "x"}],
    }
    assert place(()) == str(one)
    assert place(("problem",)) == f"{one}, line 3"
    assert place(("problem", "instance", "M")) == f"{one}, line 4"
    assert place(("mapping",)) == f"{two}, line 2"
    assert place(("mapping", 0, "target")) == f"{two}, line 3"
    assert place(("mapping", 1)) == f"{two}, line 4"
    assert place(("mapping", 1, "type")) == f"{two}, line 5"
    # as near as can be found
    assert place(("mapping", 2)) == f"{two}, line 2"
    assert place(("problem", "shape", "name")) == f"{one}, line 3"


def test_ends_of_lines_and_marks_of_other_systems(files):
    files[0].write_bytes(b"\xef\xbb\xbf" + ONE.replace("\n", "\r\n").encode())
    data, place = read_files(files, ())
    assert data["problem"] == {"instance": {"M": 4}}
    assert place(("problem",)) == f"{files[0]}, line 3"
    assert place(("mapping",)) == f"{files[1]}, line 2"


def test_files_that_end_without_a_line_are_apart(files):
    for path in files:
        path.write_text(path.read_text(encoding="utf-8").rstrip("\n.") + "\n\n\n")
    _, place = read_files(files, ())
    assert place(("mapping",)) == f"{files[1]}, line 2"


def test_a_file_larger_than_any_description(files, monkeypatch):
    assert _yaml_files._SIZE_LIMIT_BYTES == 50e6  # as the message says
    monkeypatch.setattr(_yaml_files, "_SIZE_LIMIT_BYTES", len(TWO))
    assert len(ONE) <= len(TWO)
    assert read_files(files, ())[0].keys() == {"problem", "mapping"}
    monkeypatch.setattr(_yaml_files, "_SIZE_LIMIT_BYTES", len(TWO) - 1)
    with pytest.raises(InputError, match="larger than 50 MB; expected a description"):
        read_files(files, ())


def test_what_stands_in_two_files(files):
    files[1].write_text(TWO + "\nproblem: {}\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_files(files, {"problem"})
    assert str(refused.value) == (
        f"{files[1]}, line 7: 'problem' stands in {files[0]}, line 3 too; keep one of them"
    )
    read_files(files, ())


def test_what_is_malformed_at_the_end_is_of_the_last_file(files):
    files[1].write_text("mapping: [\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_files(files, ())
    assert str(refused.value).startswith(f"{files[1]}, line 2: malformed YAML: ")


def test_other_files(tmp_path):
    with pytest.raises(InputError, match="no input files; name the YAML files"):
        read_files([], ())
    file = tmp_path / "list.yaml"
    file.write_text("- 1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"expected keys and values \(a YAML mapping\) at the top"):
        read_inputs(file)
    file.write_bytes(b"a: \xff\n")
    with pytest.raises(InputError, match=r"not a YAML text file \(not UTF-8\)"):
        read_inputs(file)
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_inputs(tmp_path / "folder.yaml")
