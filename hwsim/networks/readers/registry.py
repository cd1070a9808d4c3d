"""Which readers there are, and which one takes a file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hwsim.entry_points import in_order, load_registered, registered
from hwsim.errors import InputError, named_reason
from hwsim.networks.readers.protocol import Contents, Reader
from hwsim.networks.readers.weight_file import first_bytes, readable

#: The entry point group of readers, hwsim's own among them.
GROUP = "hwsim.readers"
#: The order of listings: hwsim's own by how common they are, then those of other packages.
_FIRST = ("npz", "safetensors", "torch")


class Readers(NamedTuple):
    """The readers that can be used, and why others cannot.

    Parameters
    ----------
    usable : dict of str to Reader
        By the name of their entry point.
    failed : tuple of str
        One line for each that cannot be loaded.
    """

    usable: dict[str, Reader]
    failed: tuple[str, ...]

    @property
    def suffixes(self) -> list[str]:
        """All suffixes that are taken, in the order of the readers."""
        return list(dict.fromkeys(s for reader in self.usable.values() for s in reader.suffixes))


def readers() -> Readers:
    """Load all readers; a package that is broken does not keep the others from theirs."""
    points = registered(GROUP)
    usable: dict[str, Reader] = {}
    failed = []
    for name in in_order(points, _FIRST):
        try:
            usable[name] = _reader(name, load_registered(points[name], "reader"))
        except InputError as error:
            failed.append(str(error))
    return Readers(usable, tuple(failed))


def reader_of(path: Path) -> tuple[str, Reader]:
    """Find the reader of a file by its suffix or, if no reader takes that, by its content.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str, Reader
        The reader and its name.

    Raises
    ------
    InputError
        If there is none, with what was expected; or if there are two.
    """
    found = readers()
    suffix = path.suffix.lower()
    takers = [name for name, reader in found.usable.items() if suffix in reader.suffixes]
    if len(takers) > 1:
        raise InputError(
            f"{path}: {len(takers)} readers take {suffix}: {', '.join(takers)}; remove the "
            "package of one"
        )
    if not takers:
        head = first_bytes(path)
        takers = [name for name, reader in found.usable.items() if _recognises(reader, head)]
    if not takers:
        failed = "".join(f"; {line}" for line in found.failed)
        raise InputError(
            f"{path}: not a weight file; hwsim reads {', '.join(found.suffixes)}{failed}"
        )
    return takers[0], found.usable[takers[0]]


def read_contents(path: Path) -> Contents:
    """Read a file with the reader that takes it.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    InputError
        If no reader takes it, or the one that does cannot read it.
    """
    name, reader = reader_of(path)
    with readable(path, f"a file that the reader {name!r} reads"):
        contents = reader.read(path)
    if not isinstance(contents, Contents):
        raise InputError(
            f"{path}: the reader {name!r} returned a {type(contents).__name__}; expected "
            "hwsim.networks.readers.Contents"
        )
    return contents


def _reader(name: str, kind: object) -> Reader:
    try:
        reader = kind() if callable(kind) else None
        suffixes = getattr(reader, "suffixes", None)
    except Exception as error:  # whatever a foreign package raises
        raise InputError(f"reader {name!r} cannot be loaded: {named_reason(error)}") from error
    is_tuple = isinstance(suffixes, tuple) and all(isinstance(each, str) for each in suffixes)
    if not (isinstance(reader, Reader) and is_tuple):
        raise InputError(
            f"reader {name!r} is no class with suffixes, recognises(head) and read(path)"
        )
    return reader


def _recognises(reader: Reader, head: bytes) -> bool:
    try:
        return bool(reader.recognises(head))
    except Exception:  # a reader that stumbles over another's file does not know it
        return False
