"""What a user says of the arrays of a weight file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import Final

from hwsim.errors import InputError, did_you_mean
from hwsim.networks.arrays.unpack import parse_unpack
from hwsim.networks.geometry import MAX_EXTENT


@dataclass(frozen=True)
class FileOptions:
    """How to read the arrays of a weight file, beyond what their names say.

    Patterns are shell patterns over the names of arrays, with or without ``.weight``.

    Parameters
    ----------
    skip : str or sequence of str
        Arrays to leave out.
    take : str or sequence of str
        Arrays that are weights of layers, (K, C) or (K, C/G, R, S), whatever their names.
    transpose : str or sequence of str
        Arrays that are stored as (inputs, filters).
    unpack : str or sequence of str
        ``"GLOB=FORMAT"``: what the integers of arrays stand for; the formats are those of
        :data:`hwsim.networks.arrays.unpack.FORMATS`.
    tokens : str or sequence of str
        ``"16"`` or ``"lstm.*=160"``: input vectors (tokens, time steps) of linear and recurrent
        layers; of two that match a layer the last one counts.
    key : str, optional
        What the network is nested in (``"ema"``), where a file holds several; ``"*"`` is all.
    inputs : str or sequence of str
        ``"x=1x3x320x320"``: shapes of the inputs that an ONNX model leaves open.
    values : str or sequence of str
        ``"sr=16000"``: values of inputs of an ONNX model that decide what it runs.
    layout : {"torch", "keras"}
        Where the filters of weights stand: first, or last as in Keras, TensorFlow and Flax.

    Raises
    ------
    InputError
        If a pattern is empty, or a number of tokens, a format or the layout is none.
    """

    skip: str | Sequence[str] = ()
    take: str | Sequence[str] = ()
    transpose: str | Sequence[str] = ()
    unpack: str | Sequence[str] = ()
    tokens: str | Sequence[str] = ()
    inputs: str | Sequence[str] = ()
    values: str | Sequence[str] = ()
    key: str | None = None
    layout: str = "torch"

    def __post_init__(self) -> None:
        for name in LISTS:
            object.__setattr__(self, name, _patterns(name, getattr(self, name)))
        for pattern, times in Counter(self.token_patterns).items():
            if times > 1:
                raise InputError(f"tokens: {pattern!r} is given {times} times; give it once")
        for text in self.unpack:
            parse_unpack(text)
        if self.layout not in LAYOUTS:
            raise InputError(f"layout {self.layout!r}{did_you_mean(str(self.layout), LAYOUTS)}")
        if self.key is not None and not isinstance(self.key, str):
            raise InputError(f"key: expected a text. Got {self.key!r:.80}")

    @property
    def token_patterns(self) -> list[str]:
        """The patterns of layers whose vectors are stated."""
        return [pattern for pattern, _ in map(_tokens, self.tokens)]

    def vectors(self, layer: str) -> int | None:
        """Tell the input vectors of a layer; None if nothing was said of it."""
        found = [n for pattern, n in map(_tokens, self.tokens) if fnmatchcase(layer, pattern)]
        return found[-1] if found else None


#: The names of the options, for what passes them on, and of those that are lists of texts.
FILE_OPTIONS: Final = tuple(each.name for each in fields(FileOptions))
LISTS: Final = tuple(name for name in FILE_OPTIONS if name not in ("key", "layout"))
#: Where filters stand: first, as torch has them, or last, as Keras, TensorFlow and Flax do.
LAYOUTS: Final = ("torch", "keras")


def _patterns(name: str, given: object) -> tuple[str, ...]:
    texts = (given,) if isinstance(given, str) else given
    if isinstance(texts, Iterable) and not isinstance(texts, bytes | Mapping):
        found = tuple(texts)
        if all(isinstance(each, str) and each for each in found):
            return found
    raise InputError(f"{name}: expected a text or a list of texts. Got {given!r:.80}")


def matches(name: str, patterns: Collection[str]) -> bool:
    """Tell whether an array's name, whole or without ``.weight``, matches any of the patterns."""
    if not patterns:
        return False
    short = name.removesuffix(".weight")
    return any(fnmatchcase(name, each) or fnmatchcase(short, each) for each in patterns)


def _tokens(text: str) -> tuple[str, int]:
    """Read ``16`` or ``lstm.*=160``."""
    pattern, equals, number = text.rpartition("=")
    is_count = number.isascii() and number.isdecimal() and 1 <= int(number) <= MAX_EXTENT
    if not is_count or (equals and not pattern):
        raise InputError(
            f"tokens {text!r}: expected N or GLOB=N with N from 1 to {MAX_EXTENT:,}, "
            "e.g. 128 or 'lstm.*=160'"
        )
    return pattern or "*", int(number)
