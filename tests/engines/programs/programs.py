"""Programs that stand in for STONNE: real processes that behave in one way each."""

import sys
import textwrap

#: A program that computes with hwsim's engine and writes the files that STONNE would write.
STAND_IN = """
    import os, pathlib, re
    import numpy as np
    import hwsim
    from hwsim.engines.stonne.files import draw_operands
    from tests.engines.stonne.files.result_files import write_result

    given = dict(re.match(r"-(\\w+)=(.*)", argument).groups() for argument in sys.argv[2:])
    M, K, N, num_ms, dn_bw, rn_bw, mk_zeros, kn_zeros = (
        int(given[name])
        for name in "M K N num_ms dn_bw rn_bw MK_sparsity KN_sparsity".split()
    )
    if "HWSIM_OPERANDS" in os.environ:
        bits = np.fromfile(os.environ["HWSIM_OPERANDS"], dtype=bool)
        mk, kn = bits[: M * K].reshape(M, K), bits[M * K :].reshape(K, N)
        pathlib.Path("operands.taken").touch()
    else:
        mk, kn = draw_operands((M, K), mk_zeros, (K, N), kn_zeros)
    arch = hwsim.load_arch("sigma", {"num_ms": num_ms, "dn_bw": dn_bw, "rn_bw": rn_bw})
    result = hwsim.simulate_gemm(mk, kn, arch, given["dataflow"]).to_dict()
    write_result(pathlib.Path(), result, M, K, N, num_ms, given["layer_name"])
"""
#: The same, but one adder counts one addition too many.
WRONG = STAND_IN.replace(
    "    write_result(",
    '    result["counters"]["ReduceNetwork"]["ADDER"]["ADD_2_1"] += 1\n    write_result(',
)
#: The same, but it draws other zeros, as with another C library.
OTHER_DRAW = STAND_IN.replace("draw_operands((M, K), mk_zeros", "draw_operands((M, K), 30")
#: The same, but the file of statistics ends in the middle.
HALF = (
    STAND_IN
    + """
    [file] = pathlib.Path().glob("*.txt")
    file.write_text(file.read_text()[:300])
"""
)
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
