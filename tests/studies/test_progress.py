import io
import sys

from hwsim.studies.progress import progress_bar, reading_bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_on_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("Evaluating", 2, wanted=True) as step:
        step("conv1")
        step("fc")
    assert "Evaluating" in terminal.getvalue()


def test_nothing_where_nobody_looks(monkeypatch):
    for stream, wanted in ((io.StringIO(), True), (Terminal(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress_bar("Evaluating", 1, wanted=wanted) as step:
            step("conv1")
        assert stream.getvalue() == ""


def test_reading_on_a_terminal_and_elsewhere(monkeypatch):
    terminal, file = Terminal(), io.StringIO()
    monkeypatch.setenv("TERM", "xterm")
    for stream in (terminal, file):
        monkeypatch.setattr(sys, "stderr", stream)
        with reading_bar(wanted=True) as report:
            report("shards", 1, 3)
    assert "Reading shards" in terminal.getvalue()
    assert "1/3" in terminal.getvalue()
    assert file.getvalue() == ""
