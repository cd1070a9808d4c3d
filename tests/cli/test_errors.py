import pytest

from hwsim.cli.errors import reported_errors
from hwsim.errors import EngineError, InputError, ProblemsError

_CUT = f"{'z' * 38}...{'z' * 19}"


def reported(error, capsys):
    with pytest.raises(SystemExit) as leave, reported_errors():
        raise error
    captured = capsys.readouterr()
    assert captured.out == ""
    return leave.value.code, captured.err


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (InputError("net.npz: no such file"), 2, "error: net.npz: no such file\n"),
        (InputError("two\n  lines"), 2, "error: two lines\n"),
        (InputError("x.yaml: Got \x1b[31m"), 2, "error: x.yaml: Got \\x1b[31m\n"),
        (
            InputError(f"x.yaml: a: expected a number. Got {'y' * 999!r}"),
            2,
            f"error: x.yaml: a: expected a number. Got '{'y' * 37}...{'y' * 18}'\n",
        ),
        (ProblemsError("s.yaml", ["z" * 999]), 2, f"error: s.yaml: 1 problems\n{_CUT}\n"),
        (
            ProblemsError("s.yaml", ["line 1: a", "line\n 2: b"]),
            2,
            "error: s.yaml: 2 problems\nline 1: a\nline 2: b\n",
        ),
        (
            PermissionError(13, "Permission denied", "/root/x"),
            2,
            "error: /root/x: Permission denied\n",
        ),
        (
            OSError(28, "No space left on device"),
            2,
            "error: standard output: No space left on device\n",
        ),
        (
            MemoryError(),
            2,
            "error: out of memory; evaluate fewer layers at a time with --layers\n",
        ),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (
            EngineError("a fold has no cycles"),
            70,
            "error: a fold has no cycles; please report it "
            "(HWSIM_DEBUG=1 in the environment shows the traceback)\n",
        ),
        (
            KeyError("conv1"),
            70,
            "internal error: KeyError: 'conv1'; please report it "
            "(HWSIM_DEBUG=1 in the environment shows the traceback)\n",
        ),
    ],
)
def test_one_line_and_a_code(error, code, text, capsys, monkeypatch):
    monkeypatch.delenv("HWSIM_DEBUG", raising=False)
    assert reported(error, capsys) == (code, text)


def test_the_traceback_of_a_bug_is_there_for_who_asks(monkeypatch):
    monkeypatch.setenv("HWSIM_DEBUG", "1")
    with pytest.raises(KeyError), reported_errors():
        raise KeyError("conv1")


def test_an_interrupted_study_says_what_it_kept(capsys):
    from hwsim.cli.errors import reported_errors
    from hwsim.studies.evaluation import EvaluationStoppedError

    with pytest.raises(SystemExit) as leave, reported_errors():
        raise EvaluationStoppedError("3 tasks are kept")
    assert leave.value.code == 130
    assert capsys.readouterr().err == "interrupted: 3 tasks are kept\n"


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["run", "--model", "m.npz", "-o", ""], "after -o"),
        (["run", "--model", "m.npz", "--engine="], "for --engine"),
        (["energy", "show", " "], "after show"),
    ],
)
def test_an_empty_word_is_refused(cli, words, place):
    result = cli(*words)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"error: nothing is given {place}; expected a value (is a variable of the shell empty?)\n"
    )
