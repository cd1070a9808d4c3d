"""What is wrong with a study, gathered until all of it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from hwsim.errors import InputError, ProblemsError, one_line
from hwsim.yaml_file import Key

#: How many are told; who sees more has made one mistake many times.
_MOST_TOLD: Final = 20


class Problems:
    """A list of problems, each with the place of the key that it is about.

    Parameters
    ----------
    title : str
        What is wrong: the file.
    data : mapping
        What it says.
    where : callable
        Words the place of a key, e.g. ``FILE, line N``.
    line : callable, optional
        Gives the line of a key, to tell problems in the order of the file.
    named : bool
        Whether the key is said, too; not where its place says it.
    """

    def __init__(
        self,
        title: str,
        data: Mapping[str, Any],
        where: Callable[[Key], str],
        line: Callable[[Key], int | tuple[()]] = lambda key: (),
        named: bool = True,
    ) -> None:
        self.title = title
        self._data = data
        self._where = where
        self._line = line
        self._named = named
        self._found: dict[str, Any] = {}

    def add(self, key: Key, problem: object, name: Key | None = None) -> None:
        """Note a problem once; ``name`` is what the words are about, if not the key."""
        key, name = (_as_written(each, self._data) for each in (key, key if name is None else name))
        start = f"{'.'.join(map(str, name))}: " if name else ""
        words = f"{start if self._named else ''}{one_line(problem)}"
        self._found[f"{self._where(key)}: {words}"] = self._line(key)

    def place(self, key: Key) -> str:
        """Word where a key stands."""
        return self._where(_as_written(key, self._data))

    @contextmanager
    def at(self, key: Key) -> Iterator[None]:
        """Note what is refused inside, and go on after it."""
        try:
            yield
        except InputError as error:
            self.add(key, error)

    def __bool__(self) -> bool:
        return bool(self._found)

    def refuse(self) -> None:
        """Raise what was noted, if anything was.

        Raises
        ------
        InputError
            The one problem, or a :class:`~hwsim.errors.ProblemsError` of all.
        """
        lines = sorted(self._found, key=self._found.__getitem__)
        if len(lines) == 1:
            raise InputError(lines[0])
        if lines:
            raise ProblemsError(self.title, lines, _MOST_TOLD)


def _as_written(key: Key, data: Any) -> Key:
    """Leave out of a key what nobody wrote: the list or the section that a value stands for."""
    written: list[str | int] = []
    for part in key:
        holders = (list, tuple) if isinstance(part, int) else (Mapping,)
        fits = isinstance(data, holders)
        if data is not None and not fits:
            continue
        written.append(part)
        try:
            data = data[part]
        except (LookupError, TypeError):
            data = None
    return tuple(written)
