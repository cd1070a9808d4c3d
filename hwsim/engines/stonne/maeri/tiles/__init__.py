"""Tiles for a layer: those that the machine takes, and the best of them."""
