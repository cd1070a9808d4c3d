"""The files of one network: a single one, a folder, or the shards that an index names."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from hwsim.errors import InputError
from hwsim.networks.natural_order import natural_order
from hwsim.networks.readers.protocol import Contents
from hwsim.networks.readers.registry import read_contents, readers
from hwsim.networks.readers.weight_file import check_and_hash, readable
from hwsim.networks.reading_steps import Report, unseen

_INDEX: Final = ".index.json"
#: ``model-00001-of-00003``, as Hugging Face's libraries call the parts of a network.
_SHARD: Final = re.compile(r"-(\d{1,6})-of-(\d{1,6})$")
#: Shards of torch; no reader takes the suffix, their content tells.
_BIN: Final = ".bin"
_MAX_INDEX_BYTES: Final = 500_000_000
_NAMED: Final = 3


def read_network_files(path: Path, report: Report = unseen) -> tuple[Contents, str]:
    """Read a weight file, or all files of a network that is in several.

    Parameters
    ----------
    path : Path
        A weight file, a folder of them, or a ``....index.json``.
    report : callable
        Told each shard that has been read.

    Returns
    -------
    contents : Contents
        All arrays.
    sha256 : str
        Of the file; of several the hash of the lines that ``sha256sum`` prints for them.

    Raises
    ------
    InputError
        If a file cannot be read, is one shard of several, or does not hold what the index says.
    """
    if path.name.endswith(_INDEX):
        return _indexed(path, report)
    if _is_folder(path):
        return _of_a_folder(path, report)
    _refuse_one_of_several(path)
    sha256 = check_and_hash(path)
    return read_contents(path), sha256


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that no file can have
        return False


def _of_a_folder(folder: Path, report: Report) -> tuple[Contents, str]:
    indices = sorted(each for each in folder.glob(f"*{_INDEX}"))
    if indices:
        # Where a network is there twice, in safetensors and in torch's format, the first is read.
        return _indexed(next((e for e in indices if "safetensors" in e.name), indices[0]), report)
    suffixes = [*readers().suffixes, _BIN]
    found = sorted(each for each in folder.iterdir() if each.suffix.lower() in suffixes)
    if not found:
        raise InputError(
            f"{folder}: is a folder without weight files; hwsim reads {', '.join(suffixes)}"
        )
    if len(found) == 1 and not _SHARD.search(found[0].stem):
        return read_network_files(found[0])
    counts = {found[0].stem: 1} if len(found) == 1 else {}
    for each in found:
        part = _SHARD.search(each.stem)
        if part is None:
            names = ", ".join(file.name for file in found[:_NAMED])
            raise InputError(
                f"{folder}: holds {len(found)} weight files that are no shards of one network "
                f"({names}); give one of them"
            )
        counts[each.name] = int(part[2])
    total = max(counts.values())
    if len(found) != total:
        raise InputError(f"{folder}: holds {len(found)} of {total} shards")
    return _joined(found, report)


def _indexed(index: Path, report: Report) -> tuple[Contents, str]:
    check_and_hash(index)
    with readable(index, "an index of shards"):
        if index.stat().st_size > _MAX_INDEX_BYTES:
            raise ValueError(f"more than {_MAX_INDEX_BYTES:,} bytes")
        places = json.loads(index.read_bytes())["weight_map"]
        if not isinstance(places, dict) or not places:
            raise ValueError("weight_map is no object with names")
        files = {str(name): str(file) for name, file in places.items()}
    names = sorted(set(files.values()), key=natural_order)
    for name in names:
        if Path(name).name != name:
            raise InputError(
                f"{index}: weight_map: expected names of files beside it. Got {name!r}"
            )
    missing = [name for name in names if not (index.parent / name).is_file()]
    if missing:
        raise InputError(
            f"{index}: {len(missing)} of {len(names)} shards are missing: {_few(missing)}"
        )
    contents, sha256 = _joined([index.parent / name for name in names], report)
    absent = [name for name in files if name not in contents.tensors]
    if absent:
        raise InputError(f"{index}: its shards do not hold {_few(absent)}")
    return contents, sha256


def _joined(files: list[Path], report: Report) -> tuple[Contents, str]:
    tensors: dict[str, NDArray[Any]] = {}
    digest = hashlib.sha256()
    ordered = True
    notes: dict[str, None] = {}
    for number, file in enumerate(files):
        report("shards", number, len(files))
        digest.update(f"{check_and_hash(file)}  {file.name}\n".encode())
        contents = read_contents(file)
        if contents.geometry is not None:
            raise InputError(f"{file}: carries geometry of its own; give it alone")
        for name, array in contents.tensors.items():
            if name in tensors:
                raise InputError(f"{file}: array {name!r} is in another shard, too")
            tensors[name] = array
        ordered = ordered and contents.ordered
        notes.update(dict.fromkeys(contents.notes))
    report("shards", len(files), len(files))
    if not ordered:
        tensors = {name: tensors[name] for name in sorted(tensors, key=natural_order)}
    whole = Contents(tensors, notes=tuple(notes))
    return replace(whole, ordered=ordered), digest.hexdigest()


def _refuse_one_of_several(path: Path) -> None:
    part = _SHARD.search(path.stem)
    number, total = (part[1], int(part[2])) if part else ("", 1)
    what = f"is shard {int(number)} of {total}" if total > 1 else _listed_in(path)
    if what:
        raise InputError(f"{path}: {what}; give the folder, or its model{path.suffix}{_INDEX}")


def _listed_in(path: Path) -> str:
    """Tell whether an index beside a file lists it among others."""
    try:
        indices = [each for each in path.parent.glob(f"*{_INDEX}") if path.is_file()]
        for index in indices:
            files = set(json.loads(index.read_bytes())["weight_map"].values())
            if path.name in files and len(files) > 1:
                return f"is one of {len(files)} shards that {index.name} lists"
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return ""  # an index that is none says nothing of the file
    return ""


def _few(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return ", ".join(listed[:_NAMED]) + more
