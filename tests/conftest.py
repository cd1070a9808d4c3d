import os

from hypothesis import settings

# readline, which pytest may import, sets COLUMNS; reports are to have one width in all tests.
os.environ.pop("COLUMNS", None)

# The machine may be busy: no example has a time limit.
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")
