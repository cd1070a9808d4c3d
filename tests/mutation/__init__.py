"""How many small faults the tests find: ``make mutants``, or ``python -m tests.mutation``."""
