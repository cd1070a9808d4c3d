"""Where results are kept: one SQLite file."""
