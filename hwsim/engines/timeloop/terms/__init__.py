"""Timeloop's terms: problem, machine, mapping, constraints, sparse optimisations."""
