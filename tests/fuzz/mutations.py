"""How a good input becomes a bad one; every choice is drawn from a seeded generator."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from random import Random

import yaml

from tests.fuzz import nonsense

_NUMBER = re.compile(r"[-+]?[0-9][0-9_.]*(?:[eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z_]+|[-+]?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True)
class Mutated:
    """A changed file.

    Parameters
    ----------
    content : bytes
        What it holds.
    negative : str or None
        The key of a number of 0 or more that became a negative one, where that is all that changed.
    """

    content: bytes
    negative: str | None = None


def mutated(content: bytes, draw: Random) -> Mutated:
    """Change a file in a way that suits what it holds."""
    if content.startswith(b"PK"):
        return mutated_zip(content, draw)
    if content.startswith(b"\x93NUMPY"):
        return mutated_npy(content, draw)
    if content[8:10] in (b'{"', b"{ "):
        return mutated_headed_json(content, draw)
    if not _is_text(content):
        return mutated_bytes(content, draw)
    if _parts(content.decode()):
        return mutated_yaml(content, draw)
    return mutated_text(content, draw)


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def mutated_bytes(content: bytes, draw: Random) -> Mutated:
    """Change, cut, repeat, insert or drop bytes in a few places."""
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 4, 16))):
        at = draw.randrange(len(changed) + 1)
        length = draw.choice((1, 1, 2, 4, 8, 40))
        kind = draw.randrange(7)
        if kind == 0 and changed:
            changed[at % len(changed)] ^= 1 << draw.randrange(8)
        elif kind == 1 and changed:
            changed[at % len(changed)] = draw.randrange(256)
        elif kind == 2:
            del changed[at : at + length]
        elif kind == 3:
            changed[at:at] = changed[at : at + length]
        elif kind == 4:
            changed[at:at] = draw.randbytes(length)
        elif kind == 5:  # a length or an offset of 32 or 64 bits
            wide = draw.choice(("<I", "<Q", "<i", "<q"))
            size = struct.calcsize(wide)
            value = draw.choice((0, -1, 1, 2**31 - 1, -(2**31), 2**63 - 1, 2**32 - 1))
            changed[at : at + size] = struct.pack(
                wide, value % 2 ** (8 * size) if wide.isupper() else _signed(value, size)
            )
        else:
            del changed[at:]
    return Mutated(bytes(changed))


def _signed(value: int, size: int) -> int:
    half = 2 ** (8 * size - 1)
    return (value + half) % (2 * half) - half


def mutated_text(content: bytes, draw: Random) -> Mutated:
    """Put nonsense in the place of a word or a number; now and then change bytes."""
    if draw.random() < 0.15:
        return mutated_bytes(content, draw)
    text = content.decode()
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        found = list(_WORD.finditer(text))
        if not found:
            break
        start, end = draw.choice(found).span()
        text = text[:start] + draw.choice(nonsense.ARGUMENTS) + text[end:]
    return Mutated(text.encode("utf-8", "surrogatepass"))


def mutated_yaml(content: bytes, draw: Random) -> Mutated:
    """Change a YAML or JSON text where its parts begin and end; tags and anchors stay."""
    if draw.random() < 0.1:
        return mutated_bytes(content, draw)
    text = content.decode()
    negative = None
    count = draw.choice((1, 1, 1, 2, 3))
    for _ in range(count):
        parts = _parts(text)
        if not parts:
            return Mutated(text.encode("utf-8", "surrogatepass"))
        text, negative = _changed(text, parts, draw)
    content = text.encode("utf-8", "surrogatepass")
    return Mutated(content, negative if count == 1 else None)


@dataclass(frozen=True)
class _Part:
    path: str
    start: int
    end: int
    scalar: bool
    is_key: bool


def _changed(text: str, parts: tuple[_Part, ...], draw: Random) -> tuple[str, str | None]:
    part = draw.choice(parts)
    here = text[part.start : part.end]
    kind = draw.randrange(12)
    if kind < 7 or (kind < 9 and part.scalar):
        value = draw.choice(nonsense.ALL)
        if kind < 2:
            value = draw.choice(nonsense.NEGATIVE)
        was_number = part.scalar and not part.is_key and _NUMBER.fullmatch(here.strip())
        negative = part.path if was_number and value in nonsense.NEGATIVE else None
        return _with(text, part, value), negative
    if kind == 9:  # what stands elsewhere
        other = draw.choice(parts)
        return _with(text, part, text[other.start : other.end]), None
    line = text.rfind("\n", 0, part.start) + 1
    stop = text.find("\n", part.start) + 1 or len(text)
    if kind == 10:
        return text[:line] + text[stop:], None
    if kind == 11:
        return text[:stop] + text[line:stop] * draw.choice((1, 2, 50)) + text[stop:], None
    return _with(text, part, f"&a [{here.strip()}, *a]"), None


def _with(text: str, part: _Part, value: str) -> str:
    ending = "\n" if text[part.start : part.end].endswith("\n") else ""
    return text[: part.start] + value + ending + text[part.end :]


@lru_cache(maxsize=64)
def _parts(text: str) -> tuple[_Part, ...]:
    found: list[_Part] = []

    def walk(node: yaml.Node, path: str, is_key: bool = False) -> None:
        scalar = isinstance(node, yaml.ScalarNode)
        found.append(_Part(path, node.start_mark.index, node.end_mark.index, scalar, is_key))
        if len(found) > 3000:
            return
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                name = f"{path}.{key.value}" if isinstance(key, yaml.ScalarNode) else path
                walk(key, name, is_key=True)
                walk(value, name)
        elif isinstance(node, yaml.SequenceNode):
            for number, each in enumerate(node.value):
                walk(each, f"{path}[{number}]")

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            walk(node, "")
    except (yaml.YAMLError, RecursionError, ValueError):
        return ()
    return tuple(found) if len(found) > 1 else ()


def mutated_zip(content: bytes, draw: Random) -> Mutated:
    """Change members of a zip, and put it together again with the right checksums."""
    if draw.random() < 0.35:
        return mutated_bytes(content, draw)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(each.filename, archive.read(each)) for each in archive.infolist()]
    number = draw.randrange(len(members))
    name, data = members[number]
    kind = draw.randrange(8)
    if kind == 0:
        del members[number]
    elif kind == 1:
        members.append((name if draw.random() < 0.5 else f"x{name}", data))
    elif kind == 2:
        members[number] = (
            draw.choice(("", "a/../b.npy", "\x1b[31m.npy", "x" * 3000, f"{name}.npy")),
            data,
        )
    elif data.startswith(b"\x93NUMPY") and kind < 6:
        members[number] = (name, mutated_npy(data, draw).content)
    else:
        members[number] = (name, mutated_bytes(data, draw).content)
    stream = io.BytesIO()
    warnings.simplefilter("ignore", UserWarning)  # of a name that stands twice
    compression = draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return Mutated(stream.getvalue())


def mutated_npy(content: bytes, draw: Random) -> Mutated:
    """Change what the header of an array says, or its data."""
    if draw.random() < 0.3 or len(content) < 12:
        return mutated_bytes(content, draw)
    length = int.from_bytes(content[8:10], "little")
    header = content[10 : 10 + length].decode("latin-1")
    value = draw.choice(
        (
            *(
                "(-1,)",
                "(6, -8)",
                "(0,)",
                "()",
                "(1, 1, 1)",
                "(2**99,)",
                "(4294967296, 4294967296)",
            ),
            *("(3,)" * 2, "(True, 2)", "('a',)", "(1.5, 2)", "(9" + "9" * 40 + ",)", "(1," * 200),
            *("'<f2'", "'>f8'", "'|O'", "'<c16'", "'<U4'", "'|V3'", "'<M8[s]'", "'|b1'", "'<i8'"),
            *("[('a', '<f4')]", "'<f99'", "True", "None", "{}", "__import__('os')"),
        )
    )
    pattern = draw.choice((r"\([^)]*\)", r"'[<>|=][a-z][0-9]+'", r"True|False"))
    header = re.sub(pattern, lambda _: value, header, count=1)
    raw = header.encode("latin-1")
    return Mutated(content[:8] + len(raw).to_bytes(2, "little") + raw + content[10 + length :])


def mutated_headed_json(content: bytes, draw: Random) -> Mutated:
    """Change the JSON at the head of a .safetensors file, and keep its length right."""
    if draw.random() < 0.4:
        return mutated_bytes(content, draw)
    length = int.from_bytes(content[:8], "little")
    header = mutated_yaml(content[8 : 8 + length], draw).content
    return Mutated(len(header).to_bytes(8, "little") + header + content[8 + length :])
