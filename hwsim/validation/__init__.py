"""Machines held against figures of the chips and simulators that they stand for.

What is published lies as data in ``data/``, a file for each table of a paper, with its source, what
was verified, and what the machine states of its error.
"""

from hwsim.validation.published import compare_published, read_published, validate_published
from hwsim.validation.result import PublishedRow, PublishedTable, PublishedValidation

__all__ = [
    "PublishedRow",
    "PublishedTable",
    "PublishedValidation",
    "compare_published",
    "read_published",
    "validate_published",
]
