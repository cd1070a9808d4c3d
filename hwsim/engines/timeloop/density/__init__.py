"""Density models: how full the tiles of a tensor are."""
