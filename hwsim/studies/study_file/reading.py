"""Read a study: from a YAML file, a mapping or what a command line says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hwsim.errors import InputError, did_you_mean
from hwsim.inputs_read import note_named_files
from hwsim.plain_number import plain_float
from hwsim.schemes import parse_scheme
from hwsim.studies._input_shares import DENSE, MEASURED
from hwsim.studies.expectations import Expectation, parse_expectation, subjects_of
from hwsim.studies.levels import parse_levels
from hwsim.studies.request import Request
from hwsim.studies.study_file.common import common_request, networks_of
from hwsim.studies.study_file.content import document_of, plain_spec
from hwsim.studies.study_file.document import StudyDocument
from hwsim.studies.study_file.exclusions import Exclusions
from hwsim.studies.study_file.machines import machines_of
from hwsim.studies.study_file.names import existing
from hwsim.studies.study_file.points import Axes, Inputs, points_of
from hwsim.studies.study_file.problems import Problems
from hwsim.studies.study_file.study import Point, Study
from hwsim.studies.study_file.weights import WeightAxes
from hwsim.yaml_file import YamlFile, read_text


def read_study(path: str | Path) -> Study:
    """Read a study file.

    Parameters
    ----------
    path : str or Path
        A YAML file; docs/studies.md says what may stand in it. Files that it names are relative
        to its folder.

    Returns
    -------
    Study
        Its points, each a request; no network is read and nothing evaluated.

    Raises
    ------
    InputError
        If the file cannot be read or the study cannot be; all problems together, each with its
        line (:class:`~hwsim.errors.ProblemsError`).
    """
    path = Path(path)
    text = read_text(path)
    note_named_files(text, path.parent)
    file = YamlFile.of_text(path, text)
    problems = Problems(str(file.path), file.data, file.where, file.line)
    return _Reader(problems, file.path.parent).read(file.data, file.path.stem)


def study_of(mapping: Mapping[str, Any], place: str = "study", folder: str | Path = ".") -> Study:
    """Read a study from the content of a study file.

    Parameters
    ----------
    mapping : mapping
        What the file would say, e.g. the ``spec`` of another study.
    place : str
        What errors call it.
    folder : str or Path
        That files are relative to.

    Raises
    ------
    InputError
        As :func:`read_study`, without lines.
    """
    return study_with(Problems(place, mapping, lambda key: place), mapping, Path(folder))


def study_with(problems: Problems, mapping: Mapping[str, Any], folder: Path) -> Study:
    """Read a study and tell problems with their places."""
    return _Reader(problems, folder).read(mapping, None)


class _Reader:
    """Reads one study and gathers what is wrong with it."""

    def __init__(self, problems: Problems, folder: Path) -> None:
        self._problems = problems
        self._folder = folder
        self._notes: list[str] = []

    def read(self, data: Mapping[str, Any], name: str | None) -> Study:
        """Check, multiply, and refuse with all that was found."""
        problems = self._problems
        if not isinstance(data, Mapping):
            raise InputError(f"{problems.title}: expected keys and values. Got {data!r:.80}")
        document = document_of(data, problems)
        name = document.study or name or ""
        if not name:
            problems.add(("study",), "missing; this key is required")
        levels, seeds = self._levels(document), self._seeds(document)
        common = common_request(document, self._folder, problems)
        axes = self._axes(document, common, levels, seeds)
        exclusions = Exclusions(document.exclude, axes.names, problems)
        baseline = self._baseline(document)
        points = points_of(axes, exclusions, common, problems, self._notes)
        expectations = self._expectations(document, points, baseline)
        problems.refuse()
        spec = plain_spec(document, name, levels, seeds)
        return Study(
            name=name,
            points=points,
            notes=tuple(dict.fromkeys(self._notes)),
            spec=spec,
            axes=axes.names,
            baseline=baseline,
            expectations=expectations,
            exploration=spec.get("explore"),
        )

    def _levels(self, document: StudyDocument) -> tuple[float, ...]:
        if document.sparsity is None:
            return ()
        levels: list[float] = []
        for number, level in enumerate(document.sparsity.levels):
            with self._problems.at(("sparsity", "levels", number)):
                levels += parse_levels(str(level))
        return tuple(sorted(set(levels)))

    def _seeds(self, document: StudyDocument) -> list[int]:
        own = document.sparsity.seed if document.sparsity else None
        if own and document.seed:
            self._problems.add(("seed",), "stands under sparsity, too; give it once")
        return own or document.seed or []

    def _axes(
        self,
        document: StudyDocument,
        common: Request,
        levels: Sequence[float],
        seeds: Sequence[int],
    ) -> Axes:
        problems, notes = self._problems, self._notes
        networks = networks_of(document, common, self._folder, problems, notes)
        machines = machines_of(document.arch, document.settings, self._folder, problems, notes)
        method = document.sparsity.method if document.sparsity else None
        weights = WeightAxes(document.scheme, levels, method, seeds)
        return Axes(
            networks=networks,
            settings=_settings(document.settings),
            machines=machines,
            engines=document.engine or [None],
            inputs=self._inputs(document),
            weights=weights.points(problems, notes),
        )

    def _inputs(self, document: StudyDocument) -> list[Inputs]:
        given, densities = document.activations, document.activation_density
        if given and densities:
            self._problems.add(("activation_density",), "stands beside activations; give one")
        inputs = [Inputs(density=each) for each in densities or ()]
        for number, text in enumerate(given or ()):
            with self._problems.at(("activations", number)):
                inputs.append(Inputs(text, self._activations(text)))
        return inputs or [Inputs()]

    def _activations(self, text: str) -> str | Path:
        if text in (MEASURED, DENSE):
            return text
        try:
            share = plain_float(text)
        except ValueError:
            return existing(text, self._folder)
        if not 0 < share <= 1:
            raise InputError(f"expected a share above 0, at most 1. Got {text}")
        return text

    def _expectations(
        self, document: StudyDocument, points: Sequence[Point], baseline: str | None
    ) -> tuple[Expectation, ...]:
        """Read what is expected; of which points, where the study is one."""
        problems = self._problems
        unknown = bool(problems)
        found = []
        for number, text in enumerate(document.expect or ()):
            key = ("expect", number)
            with problems.at(key):
                expectation = parse_expectation(text, problems.place(key))
                found.append(expectation)
                if not unknown:
                    places = [point.coordinates for point in points]
                    subjects_of(expectation, places, baseline)
        return tuple(found)

    def _baseline(self, document: StudyDocument) -> str | None:
        """Find the scheme as it is listed; texts that say the same are one."""
        for text in document.scheme:
            if document.baseline is None and _plain(text).partition(":")[0] == "dense":
                return text
            if document.baseline is not None and _plain(text) == _plain(document.baseline):
                return text
        if document.baseline is not None:
            meant = did_you_mean(document.baseline, document.scheme)
            self._problems.add(("baseline",), f"no scheme of the study{meant}")
        return None


def _settings(settings: Mapping[str, Any]) -> list[str]:
    """List the parameters: those of all machines, then those of single ones."""
    common = [name for name, values in settings.items() if not isinstance(values, Mapping)]
    own = [name for values in settings.values() if isinstance(values, Mapping) for name in values]
    return list(dict.fromkeys([*common, *own]))


def _plain(scheme: str) -> str:
    try:
        return str(parse_scheme(scheme))
    except InputError:  # told where the scheme stands
        return scheme
