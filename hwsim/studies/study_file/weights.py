"""The axes of the weights: schemes, their sparsity, their seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hwsim.schemes import parse_scheme
from hwsim.schemes.presets import plain_text
from hwsim.schemes.scheme import Scheme
from hwsim.studies.study_file.problems import Problems


@dataclass(frozen=True)
class Weights:
    """A scheme at one level and seed.

    Parameters
    ----------
    scheme : str
        As the study lists it.
    text : str
        With level and seed: what a request asks for.
    sparsity : float or None
        Share of zeros; None for a scheme that has no such parameter.
    seed : int or None
        None for a scheme that draws nothing.
    """

    scheme: str
    text: str
    sparsity: float | None
    seed: int | None


@dataclass(frozen=True)
class WeightAxes:
    """What a study says of the weights.

    Parameters
    ----------
    schemes : sequence of str
        In their text form.
    levels : sequence of float
        Shares of zeros; empty for those that the schemes have.
    method : str or None
        Which weights become zero.
    seeds : sequence of int
        Empty for those that the schemes have.
    """

    schemes: Sequence[str]
    levels: Sequence[float] = ()
    method: str | None = None
    seeds: Sequence[int] = ()

    def points(self, problems: Problems, notes: list[str]) -> list[Weights]:
        """Multiply the axes, as far as each scheme has them.

        A parameter that the text of a scheme states is no axis of it. An axis that no scheme has
        is a problem, one that some lack a note.
        """
        found: list[Weights] = []
        lacking: dict[str, list[str]] = {axis: [] for axis in self._asked}
        for number, text in enumerate(self.schemes):
            with problems.at(("scheme", number)):
                scheme = parse_scheme(text)
                with problems.at(self._key("method")):
                    scheme = self._by_method(text, scheme, lacking)
                found += self._of(text, scheme, lacking)
        for axis, schemes in lacking.items():
            if len(schemes) == len(self.schemes):
                problems.add(self._key(axis), f"no scheme of the study has a {axis} to set")
            elif schemes and axis != "method":
                names = ", ".join(dict.fromkeys(schemes))
                notes.append(f"no {axis} to set, evaluated without: {names}")
        return found

    @property
    def _asked(self) -> list[str]:
        values = {"sparsity": self.levels, "method": self.method, "seed": self.seeds}
        return [axis for axis, value in values.items() if value]

    def _key(self, axis: str) -> tuple[str, ...]:
        return ("sparsity", "method") if axis == "method" else (axis,)

    def _by_method(self, text: str, scheme: Scheme, lacking: dict[str, list[str]]) -> Scheme:
        if self.method is None:
            return scheme
        if "method" not in scheme.parameters or "method" in _stated(text):
            lacking["method"].append(text)
            return scheme
        return replace(scheme, method=self.method)  # type: ignore[call-arg]

    def _of(self, text: str, scheme: Scheme, lacking: dict[str, list[str]]) -> list[Weights]:
        stated = _stated(text)
        levels: Sequence[Any] = [None]
        if self.levels and (_sparsity(scheme) is None or "sparsity" in stated):
            lacking["sparsity"].append(text)
        elif self.levels:
            levels = self.levels
        seeds: Sequence[Any] = [None]
        if self.seeds and (_seed(scheme) is None or "seed" in stated):
            lacking["seed"].append(text)
        elif self.seeds:
            seeds = self.seeds
        found = []
        for level in levels:
            for seed in seeds:
                given = {"sparsity": level, "seed": seed}
                changed = {name: value for name, value in given.items() if value is not None}
                at = replace(scheme, **changed) if changed else scheme
                found.append(Weights(text, str(at), _sparsity(at), _seed(at)))
        return found


def _stated(text: str) -> set[str]:
    """List the parameters that the text of a scheme states."""
    _, _, rest = plain_text(text).partition(":")
    return {part.partition("=")[0].strip() for part in rest.split(",")} - {""}


def _sparsity(scheme: Scheme) -> float | None:
    value = scheme.parameters.get("sparsity")
    return None if value is None else float(value)  # type: ignore[arg-type]


def _seed(scheme: Scheme) -> int | None:
    """Tell the seed, where something is drawn: by every method or by the random one."""
    own = scheme.parameters
    return own["seed"] if own.get("method", "random") == "random" and "seed" in own else None  # type: ignore[return-value]
