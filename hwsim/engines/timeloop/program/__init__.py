"""Timeloop's own program as an engine, its exports and its results."""
