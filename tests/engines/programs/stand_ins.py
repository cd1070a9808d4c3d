"""Programs that stand in for a tool: real processes that behave in one way each."""

import sys
import textwrap

CRASHES = 'print("loading", flush=True); print("out of luck", file=sys.stderr); sys.exit(3)'
DIES = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
ABORTS = 'print("ERROR position 3"); sys.stdout.flush(); import os; os.abort()'
SILENT = "sys.exit(7)"
NOTHING = 'open("operands.taken", "w"); print("done")'
NOT_STONNE = 'print("hello")'
GARBAGE = """
    import os
    open("operands.taken", "w")
    for ending in ("counters", "txt"):
        open(f"output_stats_layer_x.{ending}", "wb").write(os.urandom(5000))
"""
#: Hangs, and so does a child; both leave their process ids behind.
HANGS = """
    import os, pathlib, subprocess, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pathlib.Path(os.environ["PIDS"] if "PIDS" in os.environ else PIDS).write_text(
        f"{os.getpid()} {child.pid}"
    )
    print("still here", flush=True)
    time.sleep(600)
"""
FILLS = """
    import time
    for number in range(1000):
        with open(f"junk{number}", "wb") as file:
            file.write(bytes(1_000_000))
        time.sleep(0.02)
"""
ONE_LARGE_FILE = """
    with open("junk", "wb") as file:
        while True:
            file.write(bytes(1_000_000))
            file.flush()
"""
# Limits are set from outside right after the start, so it starts eating a little later.
EATS_MEMORY = "import time; time.sleep(1); hoard = bytearray(3_000_000_000); print(len(hoard))"
CHATTERS = """
    for number in range(300_000):
        print("a line of some length that says nothing at all", number)
    sys.exit(4)
"""


def program(folder, body, **constants):
    """Write a program and return its path."""
    file = folder / "stonne"
    lines = [f"#!{sys.executable}", "import sys"]
    # The program has hwsim and the tests at hand, but nothing else of our environment.
    lines += [f"sys.path[:0] = {sys.path!r}"]
    lines += [f"{name} = {value!r}" for name, value in constants.items()]
    file.write_text("\n".join([*lines, textwrap.dedent(body)]))
    file.chmod(0o755)
    return file
