"""Every command that a page shows is one, and runs.

All of them are parsed: command, options, values. Those of two pages run here; with
``HWSIM_DOCS=all``, a step of CI, those of all pages. What cannot run on a fresh machine is marked
in the page, with what it needs, and listed here.
"""

import os
import re
import shlex
import shutil
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import typer

import hwsim
from hwsim.cli import commands, main
from hwsim.networks import save_network

pytestmark = pytest.mark.outside

CHECKOUT = Path(__file__).parents[2]
PAGES = [*sorted((CHECKOUT / "docs").glob("*.md")), CHECKOUT / "examples" / "digits" / "README.md"]
BLOCK = re.compile(r"(?:<!-- ([^>\n]+) -->\n)?```(\w*)\n(.*?)```", re.DOTALL)
PYTHON = re.compile(r"<!-- runs -->\n```python\n(.*?)```", re.DOTALL)
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
#: Pages whose commands run with every test: they bring files of their own.
ALWAYS = ("own_machine", "own_table")
#: What a mark of a block begins with whose commands run where there is what it names.
ELSEWHERE = "elsewhere: "
#: By page: what its commands need that a fresh machine has not, and how many they are.
NOT_HERE = {
    "cluster": {"a dask scheduler on other machines": 3},
    "docker": {"docker, and the image of STONNE's authors": 1},
    "eie": {"weights of VGG-16, 550 MB": 1},
    "sparseloop": {"your own files of Timeloop": 1},
    "stonne": {
        "STONNE's program": 2,
        "files of STONNE, and one whose name has the time in it": 2,
    },
    "timeloop_export": {"Timeloop's program": 2},
}


def lines_of(path):
    """The commands of a page, with what is said of the block that they stand in."""
    text = path.read_text(encoding="utf-8")
    for mark, language, block in BLOCK.findall(text):
        for line in block.splitlines() if language in ("", "bash", "console") else ():
            line = line.removeprefix("$ ")
            if line.startswith("hwsim "):
                yield mark, line.partition("  #")[0].strip()


SHOWN = [(path, mark, line) for path in PAGES for mark, line in lines_of(path)]


def leaf(words):
    """The command that is meant, and the words that are left for it."""
    command, name = typer.main.get_command(commands()), "hwsim"
    while words and (below := getattr(command, "commands", None)):
        two = " ".join(words[:2])
        word = two if two in below else words[0]
        assert word in below, f"{name} {word}"
        command, name, words = below[word], f"{name} {word}", words[len(word.split()) :]
    return command, name, words


def test_there_are_commands():
    assert len(SHOWN) > 60
    assert {path.stem for path, *_ in SHOWN} >= {*ALWAYS, "tutorial", "stonne", "studies", "energy"}


@pytest.mark.parametrize("page", sorted({path.stem for path, *_ in SHOWN}))
def test_every_command_of_a_page_is_understood(page, monkeypatch):
    monkeypatch.setenv("HWSIM_NO_CACHE", "1")
    for path, _, line in SHOWN:
        if path.stem == page:
            command, name, words = leaf(shlex.split(line.partition(" > ")[0])[1:])
            command.make_context(name, words)  # raises what the command line would refuse


def test_what_cannot_run_here_says_what_it_needs():
    found = {}
    for path, mark, _ in SHOWN:
        if mark.startswith(ELSEWHERE):
            found.setdefault(path.stem, Counter())[mark.removeprefix(ELSEWHERE)] += 1
    assert found == NOT_HERE


def pages_that_run():
    everything = os.environ.get("HWSIM_DOCS") == "all"
    return [path for path in PAGES if everything or path.stem in ALWAYS]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with the files that pages take for granted, made once."""
    made = tmp_path_factory.mktemp("made")
    (made / "examples").symlink_to(CHECKOUT / "examples")
    save_network(hwsim.make_network("resnet20-cifar", input_size=(8, 8)), made / "resnet20.npz")
    if os.environ.get("HWSIM_DOCS") == "all":
        save_network(hwsim.make_network("resnet18", input_size=(32, 32)), made / "resnet18.npz")
        (made / "study.yaml").write_text(
            "model: resnet20.npz\nlayers: layer1.0.*\nscheme: [dense, signed-binary]\n"
            "expect: [cycles_ratio >= 1 at scheme=signed-binary]\n"
        )
        hwsim.run_study(made / "study.yaml", made / "old.db")
        shutil.copy(made / "old.db", made / "new.db")
        make_inputs(made / "resnet20.npz", made / "inputs.npz")
        make_graph(made / "model.onnx", made / "samples.npy")
    return made


@pytest.fixture
def folder(made, tmp_path, monkeypatch):
    """The same, for one page."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("HWSIM_CACHE_DIR", str(tmp_path / "cache"))
    shutil.copytree(made, tmp_path, symlinks=True, dirs_exist_ok=True)
    return tmp_path


def make_inputs(model, file):
    """Write an input of each layer of a network, half of it zeros."""
    draw = np.random.default_rng(0)
    layers = hwsim.load_network(model).layers
    np.savez(file, **{each.name: draw.random(each.input_shape) > 0.5 for each in layers})


def make_graph(model, samples):
    """Write a convolution in ONNX that leaves the size of its input open, and two inputs."""
    onnx = pytest.importorskip("onnx")
    draw = np.random.default_rng(0)
    weights = onnx.numpy_helper.from_array(draw.normal(size=(4, 3, 3, 3)).astype("f4"), "w")
    value = onnx.helper.make_tensor_value_info
    float_ = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Conv", ["x", "w"], ["y"], name="conv")],
        "graph",
        [value("x", float_, ["n", 3, "h", "w_"])],
        [value("y", float_, ["n", 4, "a", "b"])],
        [weights],
    )
    onnx.save(onnx.helper.make_model(graph), model)
    np.save(samples, draw.normal(size=(2, 3, 320, 320)).clip(0).astype("f4"))


def files_of(word):
    """Replace a pattern of files, as a shell does; one that fits none stays."""
    return sorted(map(str, Path().glob(word))) or [word] if "*" in word else [word]


def code_of(line, monkeypatch):
    words = shlex.split(line)
    words = [name for word in words for name in files_of(word)]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as leave:
        main()
    return leave.value.code or 0


@pytest.mark.parametrize("path", pages_that_run(), ids=lambda path: path.stem)
def test_the_commands_of_a_page_run(path, folder, monkeypatch, capsys):
    text = path.read_text(encoding="utf-8")
    for name, content in FILE.findall(text):
        Path(name).write_text(content)
    for code in PYTHON.findall(text) if path.stem == "networks" else ():
        exec(compile(code, str(path), "exec"), {})
    ran = 0
    for mark, line in lines_of(path):
        if mark.startswith(ELSEWHERE):
            continue
        line, redirected, target = line.partition(" > ")
        code = code_of(line, monkeypatch)
        said = capsys.readouterr()
        if redirected:
            Path(target).write_text(said.out)
        refused = mark == "refused" and line.startswith("hwsim run")
        assert code == (2 if refused else 0), f"{line}: {said.err}"
        assert not refused or "my-table.yaml" in said.err
        ran += 1
    assert ran or path.stem not in ALWAYS
    with suppress(FileNotFoundError):
        Path("resnet18.npz").unlink()
