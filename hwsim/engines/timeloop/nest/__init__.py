"""Nest analysis: tiles and traffic of a mapping, zeros aside."""
