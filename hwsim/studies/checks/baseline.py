"""The figures of a former check, in a file that can be kept beside the study."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ValidationError, field_validator

from hwsim.errors import InputError
from hwsim.studies.checks.figures import PointFigures
from hwsim.whole_file import whole_file
from hwsim.yaml_file import StrictModel, faults

#: The version of the format.
FORMAT: Final = 1
_LEFT_OUT: Final = ("file", "uncounted", "notes")


class Baseline(StrictModel):
    """What a former check found.

    Parameters
    ----------
    hwsim_baseline : int
        Version of the format.
    study : str
        Name of the study.
    date : str
        When it ran, ISO 8601, UTC.
    provenance : mapping
        What it rests on: version, networks with hashes, machines, engines, prices.
    points : list of PointFigures
        All layers of which are done.
    """

    hwsim_baseline: Literal[1]
    study: str
    date: str
    provenance: dict[str, Any]
    points: list[PointFigures]

    @field_validator("provenance")
    @classmethod
    def _lists_networks(cls, provenance: dict[str, Any]) -> dict[str, Any]:
        networks = provenance.get("networks", [])
        if not isinstance(networks, list) or not all(isinstance(each, dict) for each in networks):
            raise ValueError("networks should be a list of keys and values")
        for network in networks:
            if not isinstance(network.get("sha256"), str | None):
                raise ValueError(f"sha256 should be text. Got {network['sha256']!r:.80}")
        return provenance


def read_baseline(path: str | Path) -> Baseline:
    """Read the baseline that :func:`write_baseline` wrote.

    Raises
    ------
    InputError
        If it cannot be read or is none.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such baseline; --write-baseline makes one") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: no baseline of hwsim: no JSON: {error}") from error
    try:
        return Baseline.model_validate(document)
    except ValidationError as error:
        first = faults(error)[0]
        raise InputError(
            f"{path}: no baseline of hwsim: {first.words}; --write-baseline makes one"
        ) from error


def write_baseline(
    path: str | Path,
    study: str,
    date: str,
    provenance: Mapping[str, Any],
    points: Sequence[PointFigures],
) -> None:
    """Write figures as a baseline, a line for each point, so that versions of it compare well.

    Raises
    ------
    InputError
        If a layer is not done, or the file cannot be written; nothing is left half-written.
    """
    for number, point in enumerate(points):
        for layer, reason in point.lacking.items():
            raise InputError(f"{path}: not written: point {number}, layer {layer!r} {reason}")
    head = {
        "hwsim_baseline": FORMAT,
        "study": study,
        "date": date,
        "provenance": _brief(provenance),
    }
    rows = ",\n".join(point.model_dump_json(exclude={"lacking"}) for point in points)
    start = json.dumps(head, indent=1).removesuffix("\n}")
    with whole_file(Path(path)) as aside:
        aside.write_text(f'{start},\n "points": [\n{rows}\n]}}\n', encoding="utf-8")


def other_weights(baseline: Baseline, provenance: Mapping[str, Any]) -> list[str]:
    """Name the networks whose weights are none of the baseline's."""
    former = {each.get("sha256") for each in baseline.provenance.get("networks", [])}
    return [each["name"] for each in provenance["networks"] if each["sha256"] not in former]


def _brief(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is long, and folders, which are others on each computer."""
    return {
        key: [
            {name: part for name, part in each.items() if name not in _LEFT_OUT} for each in value
        ]
        if isinstance(value, list)
        else value
        for key, value in provenance.items()
    }


def matched(
    baseline: Baseline, places: Sequence[Mapping[str, Any]]
) -> tuple[list[PointFigures | None], int]:
    """Find each point of a study in a baseline.

    Parameters
    ----------
    baseline : Baseline
        A former check.
    places : sequence of mapping
        The coordinates of the points. An axis that only one of the two has is left out.

    Returns
    -------
    list of PointFigures or None, int
        One for each point, and how many of the baseline are none of them.

    Raises
    ------
    InputError
        If the common coordinates do not tell points apart.
    """
    former = [point.coordinates for point in baseline.points]
    axes = [axis for axis in places[0] if former and axis in former[0]]
    keys = _keys("the study", places, axes)
    by_key = dict(zip(_keys("the baseline", former, axes), baseline.points, strict=True))
    return [by_key.get(key) for key in keys], len(by_key.keys() - set(keys))


def _keys(whose: str, places: Iterable[Mapping[str, Any]], axes: Sequence[str]) -> list[Hashable]:
    keys: list[Hashable] = [tuple(place.get(axis) for axis in axes) for place in places]
    if len(set(keys)) < len(keys):
        raise InputError(
            f"points of {whose} differ in axes that the other has not, so that they cannot be "
            f"found there; both have {', '.join(axes) or 'none'}. --write-baseline makes a new one"
        )
    return keys
