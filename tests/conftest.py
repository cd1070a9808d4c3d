import gc
import os
import sys
from pathlib import Path

import numpy as np
from hypothesis import settings

# readline, which pytest may import, sets COLUMNS; reports are to have one width in all tests.
os.environ.pop("COLUMNS", None)

# Nothing is taken from the user's cache, nor put there: each test finds what it looks at.
os.environ["HWSIM_NO_CACHE"] = "1"

# Where Python is told to keep no byte code, each of hundreds of processes would compile everything
# anew. It goes where pytest has its own things, and not beside the modules.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

# LONG_DOUBLE=64 takes away the 80 bits that x86 has, before anything is imported; a leg of CI.
if os.environ.get("LONG_DOUBLE") == "64":
    np.longdouble = np.float64

# The machine may be busy: no example has a time limit. Half of the usual number, as there are
# hundreds of properties; what is to be tried more often says so.
settings.register_profile("no-deadline", deadline=None, max_examples=50)
settings.load_profile("no-deadline")


def pytest_collection_finish() -> None:
    """Spare the collector what stays: thousands of tests, looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
