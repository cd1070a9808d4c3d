"""Keys that nobody knows: refused in hwsim's own files, and near misses in everybody's."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from itertools import pairwise
from typing import Final

from hwsim.engines.timeloop.spec._field import Part
from hwsim.engines.timeloop.spec.section import Section, plain
from hwsim.errors import did_you_mean

#: Merges mappings in mappings, too; it has no part in YAML.
_MERGE: Final = "<<<"
#: Shorter keys are too close to one another for a slip to be told from another tool's key.
_SHORTEST: Final = 4
#: More keys than these say nothing in an error.
_MANY: Final = 20
#: From this length on two slips are still nearer than any other word.
_LONG: Final = 9


def check_keys(section: Section, part: Part | Callable[[Section], Part]) -> None:
    """Check all keys of a section, and of what stands inside.

    Parameters
    ----------
    section : Section
        A mapping, or a list of such; anything else has no keys and is left to its reader.
    part : Part or callable
        What may stand there.

    Raises
    ------
    InputError
        If a key stands twice (in two spellings), is unknown and the inputs are closed, or is a
        near miss of a known one. Other unknown keys are put down in the origin of the inputs.
    """
    if isinstance(section.data, list | tuple):
        for item in section.items():
            check_keys(item, part)
        return
    if not section.is_mapping:
        return
    chosen = part if isinstance(part, Part) else part(section)
    spelled: dict[str, str] = {}
    for key in section.names_inside():
        name = plain(key)
        if name in spelled:
            raise section.error_at(key, f"{spelled[name]!r} and {key!r} are the same key")
        spelled[name] = key
    for key, value in section.parts():
        field = chosen.by_key.get(plain(key))
        inside = field.inside if field is not None else chosen.named
        if field is not None and field.always:
            field.read(section)
        if field is None and not chosen.named:
            _unknown(section, key, chosen, spelled)
        elif inside is not None and not isinstance(inside, bool):
            check_keys(value, inside)


def check_names(section: Section, part: Part, known: Iterable[str]) -> None:
    """Check a section whose keys are declared ones and names that the inputs themselves give."""
    more = {plain(name) for name in known}
    present = {plain(key): key for key in section.names_inside()}
    for key in section.names_inside():
        if plain(key) not in part.by_key and plain(key) not in more:
            _unknown(section, key, part, present, more)


def _unknown(
    section: Section,
    key: str,
    part: Part,
    present: Container[str],
    more: Iterable[str] = (),
) -> None:
    if key.startswith("!"):  # the tag of a node
        return
    # Of keys that change nothing here a slip changes nothing either.
    effective = [field for field in part.fields if not field.meaning]
    spelled = {name for field in effective for name in (field.key, *field.aliases)} | set(more)
    if section.origin.closed or part.closed:
        near = near_miss(key, spelled)
        listed = {field.key for field in effective} | set(more)
        hint = f"; did you mean {near!r}?" if near else did_you_mean(key, listed)
        if hint.startswith("; known") and len(listed) > _MANY:
            hint = ""
        raise section.error_at(key, f"unknown key {key!r}{hint}")
    if key == _MERGE:
        raise section.error_at(key, f"{key!r} of the Python front end is not read; write it out")
    missing = [field for field in effective if not any(name in present for name in field.spellings)]
    meant = {name for field in missing for name in (field.key, *field.aliases)} | set(more)
    if not _is_variable(section, key):
        _refuse_near_miss(section, key, meant, present)
    section.origin.unknown.setdefault(key, (*section.key, key))


def _is_variable(section: Section, key: str) -> bool:
    """Tell a value that expressions name, in capitals, from a slip in an attribute's name.

    The attributes of a subtree are no component's, and nothing here reads them.
    """
    *_, owner, _, inside = ("", "", "", *section.key)
    return key.isupper() and owner == "subtree" and inside == "attributes"


def _refuse_near_miss(
    section: Section, key: str, spelled: Iterable[str], present: Container[str]
) -> None:
    # A key that is there already is not what another one was meant to be.
    near = near_miss(key, [name for name in spelled if plain(name) not in present])
    if near is not None:
        raise section.error_at(key, f"unknown key {key!r}; did you mean {near!r}?")


def refuse_near_misses(section: Section, part: Part) -> None:
    """Look for near misses of declared keys among names that the inputs themselves give."""
    present = {plain(key) for key in section.names_inside()}
    for key in section.names_inside():
        if plain(key) not in part.by_key:
            _refuse_near_miss(section, key, [field.key for field in part.fields], present)


def near_miss(key: str, known: Iterable[str]) -> str | None:
    """Find the known key that a person meant: another case, or a slip or two away.

    Parameters
    ----------
    key : str
        What is written.
    known : iterable of str
        What might be meant.
    """
    written = plain(key)
    best: tuple[int, str] | None = None
    for name in sorted(known):
        if _letters(written) == _letters(plain(name)):
            return name
        allowed = _allowed(written.lower(), plain(name).lower())
        if abs(len(written) - len(name)) > allowed:
            continue
        slips = _slips(written.lower(), plain(name).lower())
        if slips <= allowed and (best is None or slips < best[0]):
            best = slips, name
    return None if best is None else best[1]


def _letters(key: str) -> str:
    return key.replace("_", "").lower()


def _allowed(written: str, name: str) -> int:
    """Say how many slips still mean the name."""
    shorter, longer = sorted((len(written), len(name)))
    if longer == _SHORTEST and shorter == longer - 1:
        return int(written[0] == name[0])  # a letter left out of one of four: nam, kep
    return 0 if shorter < _SHORTEST else 1 if shorter < _LONG else 2


def _slips(left: str, right: str) -> int:
    """Count the letters added, left out, exchanged or swapped between two words."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    swapped = list(pairwise(right))
    for i, letter in enumerate(left):
        current = [i + 1]
        for j, other in enumerate(right):
            cost = min(row[j] + (letter != other), row[j + 1] + 1, current[j] + 1)
            if i and j and (letter, left[i - 1]) == swapped[j - 1]:
                cost = min(cost, before[j - 1] + 1)
            current.append(cost)
        before, row = row, current
    return row[-1]


def unknown_keys(section: Section) -> list[str]:
    """Name the keys that were left alone, each with its first place, in one line; or no line."""
    unknown = section.origin.unknown
    if not unknown:
        return []
    listed = ", ".join(f"{key!r} ({section.origin.place(where)})" for key, where in unknown.items())
    return [f"not known and left alone: {listed}"]
