"""Readers of weight files: tensors, and the geometry if the file has it.

A reader is found by a file's suffix or, if that is unknown, by its first bytes. Other packages
register theirs under the entry point group ``hwsim.readers``; ``protocol.py`` says what a
reader is.
"""

from __future__ import annotations

from hwsim.networks.readers.protocol import CarriedGeometry, Contents, Reader
from hwsim.networks.readers.registry import reader_of, readers

__all__ = ["CarriedGeometry", "Contents", "Reader", "reader_of", "readers"]
