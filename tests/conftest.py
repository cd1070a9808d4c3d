import os

# readline, which pytest may import, sets COLUMNS; reports are to have one width in all tests.
os.environ.pop("COLUMNS", None)
