"""Every command that a page shows is one, and runs.

All of them are parsed: command, options, values. Those of two pages run here; with
``HWSIM_DOCS=all``, a step of CI, those of most pages that need no one else's program or file.
"""

import os
import re
import shlex
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import typer

import hwsim
from hwsim.cli import commands, main
from hwsim.networks import save_network

pytestmark = pytest.mark.outside

CHECKOUT = Path(__file__).parents[2]
PAGES = [*sorted((CHECKOUT / "docs").glob("*.md")), CHECKOUT / "examples" / "digits" / "README.md"]
BLOCK = re.compile(r"(?:<!-- ([\w ]+) -->\n)?```(\w*)\n(.*?)```", re.DOTALL)
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
#: Pages whose commands run with every test: they bring files of their own.
ALWAYS = ("own_machine", "own_table")
#: Pages whose commands are parsed and not run here: they need files that other tests make, or long.
OF_THEIR_OWN = ("networks", "cluster", "sparseloop", "stonne", "studies", "timeloop_export")
#: What is somebody else's: a program, an image, an engine's files, a file that a reader has.
ELSEWHERE = re.compile(
    r"--engine|--docker|/path/to|^hwsim validate (?!published)|simulation_files|\.\.\.|FILES|"
    r"mobilenet\.npz|vgg16\.npz|^hwsim doctor|timeloop model layers"
)


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


def pages_that_run():
    chosen = PAGES if os.environ.get("HWSIM_DOCS") == "all" else []
    return [
        path
        for path in PAGES
        if path.stem in ALWAYS or (path in chosen and path.stem not in OF_THEIR_OWN)
    ]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the files that pages take for granted."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "examples").symlink_to(CHECKOUT / "examples")
    save_network(hwsim.make_network("resnet20-cifar", input_size=(8, 8)), "resnet20.npz")
    if os.environ.get("HWSIM_DOCS") == "all":
        save_network(hwsim.make_network("resnet18", input_size=(32, 32)), "resnet18.npz")
        Path("study.yaml").write_text(
            "model: resnet20.npz\nlayers: layer1.0.*\nscheme: [dense, signed-binary]\n"
            "expect: [cycles_ratio >= 1 at scheme=signed-binary]\n"
        )
        for name in ("old.db", "new.db"):
            hwsim.run_study("study.yaml", name)
    return tmp_path


def code_of(line, monkeypatch):
    monkeypatch.setattr(sys, "argv", shlex.split(line))
    with pytest.raises(SystemExit) as leave:
        main()
    return leave.value.code or 0


@pytest.mark.parametrize("path", pages_that_run(), ids=lambda path: path.stem)
def test_the_commands_of_a_page_run(path, folder, monkeypatch, capsys):
    for name, content in FILE.findall(path.read_text(encoding="utf-8")):
        Path(name).write_text(content)
    ran = 0
    for mark, line in lines_of(path):
        if ELSEWHERE.search(line):
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
