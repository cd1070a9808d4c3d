"""The axes of the weights: schemes, their sparsity, their seeds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hwsim.schemes import Scheme, parse_scheme, with_sparsity
from hwsim.schemes.presets import plain_text
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
        Share of zeros that is asked for; None where none is.
    seed : int or None
        None where nothing is drawn.
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
        Which weights become zero, at those levels.
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
                found += self._of(text, lacking, problems)
        for axis, schemes in lacking.items():
            if len(schemes) == len(self.schemes):
                key = ("sparsity", "method") if axis == "method" else (axis,)
                problems.add(key, f"no scheme of the study has a {axis} to set")
            elif schemes and axis != "method":
                names = ", ".join(dict.fromkeys(schemes))
                notes.append(f"no {axis} to set, evaluated without: {names}")
        return found

    @property
    def _asked(self) -> list[str]:
        values = {"sparsity": self.levels, "method": self.method, "seed": self.seeds}
        return [axis for axis, value in values.items() if value]

    def _of(self, text: str, lacking: dict[str, list[str]], problems: Problems) -> list[Weights]:
        """Multiply the axes of one scheme, and note under ``lacking`` those that it has not."""
        scheme, stated = parse_scheme(text), _stated(text)
        at_levels = [scheme]
        takes_levels = scheme.takes_sparsity and "sparsity" not in stated
        takes_method = takes_levels and "method" in scheme.parameters and "method" not in stated
        if self.levels and takes_levels:
            at_levels = self._at_levels(text, None)
        if self.levels and self.method is not None and takes_method:
            with problems.at(("sparsity", "method")):
                at_levels = self._at_levels(text, self.method)
        takes_seeds = _seed(at_levels[0]) is not None and "seed" not in stated
        taken = {"sparsity": takes_levels, "method": takes_method, "seed": takes_seeds}
        for axis, schemes in lacking.items():
            if not taken[axis]:
                schemes.append(text)
        seeds = self.seeds if takes_seeds else ()
        points = [_at_seed(each, seed) for each in at_levels for seed in seeds or (None,)]
        return [Weights(text, str(each), _sparsity(each), _seed(each)) for each in points]

    def _at_levels(self, text: str, method: str | None) -> list[Scheme]:
        texts = [with_sparsity(text, level, method) for level in self.levels]
        return [parse_scheme(each) for each in texts if each is not None]


def _at_seed(scheme: Scheme, seed: int | None) -> Scheme:
    changed: dict[str, Any] = {} if seed is None else {"seed": seed}
    return replace(scheme, **changed)


def _stated(text: str) -> set[str]:
    """List the parameters that the text of a scheme states."""
    return set(re.findall(r"[:,]\s*(\w+)\s*=", plain_text(text)))


def _sparsity(scheme: Scheme) -> float | None:
    value: Any = scheme.parameters.get("sparsity")
    return None if value is None else float(value)


def _seed(scheme: Scheme) -> int | None:
    """Tell the seed, where something is drawn: by every method or by the random one."""
    own: dict[str, Any] = scheme.parameters
    return own.get("seed") if own.get("method", "random") == "random" else None
