"""The first step of the command: interrupts from the beginning, and requests to end."""

import os
import signal
import subprocess
import sys

import pytest

from tests.cli.conftest import CHECKOUT

pytestmark = pytest.mark.outside

#: Stands for the command line, which takes long to import and to run.
PROGRAM = """
import os, signal, sys, time, types
command = types.ModuleType("hwsim.cli")
def main():
    os.kill(os.getpid(), signal.{signal})
    time.sleep(10)
command.main = main
{more}
sys.modules["hwsim.cli"] = command
from hwsim.start import main
main()
"""
IGNORED = "signal.signal(signal.SIGINT, signal.SIG_IGN)"
#: Imports that are interrupted.
SLOW = """
class Slow(types.ModuleType):
    def __getattribute__(self, name):
        if name == "main":
            raise KeyboardInterrupt
        return super().__getattribute__(name)
command = Slow("hwsim.cli")
"""


@pytest.mark.parametrize(
    ("number", "more"),
    [("SIGINT", ""), ("SIGTERM", ""), ("SIGTERM", IGNORED), ("SIGINT", SLOW)],
)
def test_one_word_and_exit_130(number, more):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(signal=number, more=more)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=CHECKOUT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_it_imports_nothing_but_the_interpreters_modules():
    code = "import sys; import hwsim.start; print(sorted(n for n in sys.modules if 'hwsim' in n))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['hwsim', 'hwsim.start', 'hwsim.version']\n"


@pytest.mark.parametrize(("given", "expected"), [(None, "1"), ("3", "3")])
def test_linear_algebra_has_one_thread_unless_somebody_says_otherwise(given, expected):
    program = PROGRAM.replace("os.kill(os.getpid(), signal.{signal})", "print(os.environ[{name}])")
    program = program.replace("time.sleep(10)", "").format(name="'OPENBLAS_NUM_THREADS'", more="")
    own = {} if given is None else {"OPENBLAS_NUM_THREADS": given}
    others = {key: each for key, each in os.environ.items() if key != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=CHECKOUT,
        env={**others, **own},
    )
    assert done.stdout == f"{expected}\n"


#: A command that ends, with something registered, something unwritten and something to free.
ENDING = """
import atexit, sys, threading, time, types
class Kept:
    def __del__(self):
        print("freed")
kept = Kept()
command = types.ModuleType("hwsim.cli")
def main():
    atexit.register(print, "registered")
    {more}
    sys.stdout.write("written\\n")
    raise SystemExit({code})
command.main = main
sys.modules["hwsim.cli"] = command
from hwsim.start import main
main()
"""
THREAD = "threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()"


@pytest.mark.parametrize(
    ("code", "more", "status", "output"),
    [
        ("3", "", 3, "written\nregistered\n"),
        ("None", "", 0, "written\nregistered\n"),
        ("'why'", "", 1, "written\nregistered\nfreed\n"),
        ("3", THREAD, 3, "written\nthread\nregistered\nfreed\n"),
    ],
)
def test_at_the_end_what_was_registered_is_done_and_nothing_is_freed(code, more, status, output):
    done = subprocess.run(
        [sys.executable, "-c", ENDING.format(code=code, more=more)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=CHECKOUT,
    )
    assert (done.returncode, done.stdout) == (status, output)
    assert done.stderr == ("why\n" if status == 1 else "")


def test_a_profiler_has_the_last_word():
    done = subprocess.run(
        [sys.executable, "-m", "cProfile", "-m", "hwsim", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=CHECKOUT,
    )
    assert "function calls" in done.stdout
