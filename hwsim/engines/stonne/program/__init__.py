"""STONNE's own program as an engine."""
