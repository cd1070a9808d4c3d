"""An architecture with its numbers: what engines are given, as an object and as bytes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from hwsim.arch._options import resolve_options
from hwsim.arch._parameters import resolve_parameters
from hwsim.arch.spec import ArchSpec
from hwsim.arch.technology import TECHNOLOGY_KEYS, Technology, settable_keys
from hwsim.errors import InputError, did_you_mean, named_reason
from hwsim.yaml_file import Key, YamlFile

#: Version of what :meth:`Arch.to_bytes` writes.
FORMAT = 1
#: Names that share more than this are one name and a slip, by difflib's measure.
_NEAR = 0.8


@dataclass(frozen=True, eq=False)
class Arch:
    """An architecture with the values of its parameters; ``arch["num_ms"]`` reads one.

    Two are equal if they say the same, whichever file says it. Pickles and bytes hold the content
    and need no file where they are read.

    Parameters
    ----------
    name : str
        Name of the spec.
    parameters : mapping of str to int
        The values, overrides included; units and bounds are in ``spec.parameters``.
    spec : ArchSpec
        What the file says: engine, units, components, sources.
    path : str
        The file.
    text : str
        What the file said when it was read, for the lines that errors name.
    overrides : mapping of str to int or str
        What the caller set.
    technology : Technology or None
        Node, clock, number formats and memories in numbers, overrides included; None if the spec
        says nothing of them.
    options : mapping of str to str
        What is chosen of each option, overrides included.
    inherited : mapping of str to str
        The files that it extends, the nearest first, and what they said.
    note : str
        What to say of how it was asked for: by a former name. Empty as a rule.
    """

    name: str
    parameters: Mapping[str, int]
    spec: ArchSpec
    path: str
    text: str
    overrides: Mapping[str, int | str]
    technology: Technology | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    inherited: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    @classmethod
    def of_spec(
        cls,
        spec: ArchSpec,
        overrides: Mapping[str, object],
        place: Callable[[str], str],
        *,
        path: str,
        text: str,
        inherited: Mapping[str, str] | None = None,
        note: str = "",
    ) -> Arch:
        """Put the numbers of a checked spec together.

        Parameters
        ----------
        spec : ArchSpec
            With the technology that is wanted.
        overrides : mapping of str to int or str
            What the caller set; those of the technology are in the spec already.
        place : callable
            Words where the value of a parameter was written, for errors.
        path, text : str
            The file and what it says.
        inherited : mapping of str to str, optional
            The same of the files that it extends.
        note : str
            What to say of how it was asked for.

        Raises
        ------
        InputError
            For an unknown parameter, a value that breaks a bound, or an option's that is no choice.
        """
        chosen = {name: value for name, value in overrides.items() if name not in TECHNOLOGY_KEYS}
        values = resolve_parameters(spec.parameters, chosen, place, spec.options)
        options = resolve_options(spec.options, chosen, place)
        settings: dict[str, int | str] = {**values, **options}
        texts = {name: str(overrides[name]) for name in overrides if name not in chosen}
        return cls(
            name=spec.name,
            parameters=values,
            spec=spec,
            path=path,
            text=text,
            overrides={**{name: settings[name] for name in chosen}, **texts},
            technology=None if spec.technology is None else Technology.of(spec.technology),
            options=options,
            inherited=inherited or {},
            note=note,
        )

    def __getitem__(self, parameter: str) -> int:
        if parameter not in self.parameters:
            raise InputError(
                f"arch {self.name!r}: the spec has no parameter {parameter!r}; it is made for the "
                f"engine {self.engine!r}"
            )
        return self.parameters[parameter]

    def option(self, name: str, known: Sequence[str]) -> str:
        """Read a choice; the first of ``known`` where the spec leaves none.

        Parameters
        ----------
        name : str
            The option.
        known : sequence of str
            What the engine knows, its own choice first. A spec may offer less; it cannot offer
            more.

        Raises
        ------
        InputError
            If something else is chosen.
        """
        chosen = self.options.get(name, known[0])
        if chosen not in known:
            raise InputError(
                f"{self.where(('options', name, 'value'))}: {name} must be {' or '.join(known)} "
                f"on this machine. Got {chosen!r}"
            )
        return chosen

    def __eq__(self, other: object) -> bool:
        return self._compared == other._compared if isinstance(other, Arch) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._compared)

    def __reduce__(self) -> tuple[Callable[[bytes], Arch], tuple[bytes]]:
        return Arch.from_bytes, (self.to_bytes(),)

    def refuse_idle_options(self, known: Mapping[str, Sequence[str]]) -> None:
        """Refuse an option, or a choice of one, that an engine does not know.

        Parameters
        ----------
        known : mapping of str to sequence of str
            The engine's options, with the choices that it knows.

        Raises
        ------
        InputError
            If the spec has another; names what may be meant.
        """
        for name, spec in self.spec.options.items():
            if name not in known:
                meant = did_you_mean(name, known) or "; it has none"
                raise InputError(
                    f"{self.where(('options', name))}: engine {self.engine!r} has no option "
                    f"{name!r}{meant}"
                )
            for choice in spec.choices:
                if choice not in known[name]:
                    raise InputError(
                        f"{self.where(('options', name, 'choices'))}: {name} of engine "
                        f"{self.engine!r} cannot be {choice!r}{did_you_mean(choice, known[name])}"
                    )

    def refuse_idle(self, used: Iterable[str]) -> None:
        """Refuse a parameter that changes nothing, and was set or is nearly the name of another.

        An engine knows what it uses. Other parameters without effect are left alone: a spec may
        inherit some that its own design has no place for.

        Raises
        ------
        InputError
            If there is one; names what was meant.
        """
        specs = self.spec.parameters
        words = (
            word
            for spec in specs.values()
            for text in (str(spec.value), spec.at_most or "")
            for word in re.findall(r"\w+", text)
        )
        known = {*used, *words}
        for name in specs.keys() - known:
            if name in self.overrides:
                raise InputError(
                    f"arch {self.name!r}: {name}={self.overrides[name]} changes nothing: the "
                    f"engine {self.engine!r} does not use it here; leave it out"
                )
            meant = get_close_matches(name, specs.keys() & known, n=1, cutoff=_NEAR)
            if meant:
                raise InputError(
                    f"{self.where(('parameters', name))}: nothing uses parameter {name!r}; did "
                    f"you mean {meant[0]!r}?"
                )

    @property
    def title(self) -> str:
        """One line for people; it describes the spec without overrides."""
        return self.spec.title

    @property
    def engine(self) -> str:
        """Name of the engine that evaluates workloads on it."""
        return self.spec.engine

    @property
    def energy_table(self) -> str:
        """Name of the energy table used when none is asked for."""
        return self.spec.energy_table

    @property
    def settable(self) -> tuple[str, ...]:
        """What overrides can set: parameters, options and keys of the technology."""
        technology = settable_keys(self.spec.technology)
        return (*self.spec.parameters, *self.spec.options, *technology)

    @property
    def label(self) -> str:
        """Name and overrides, e.g. ``sigma (num_ms=64)``."""
        settings = ", ".join(f"{name}={value}" for name, value in self.overrides.items())
        return f"{self.name} ({settings})" if settings else self.name

    def where(self, key: Key) -> str:
        """Word the place of a key, as ``FILE, line N``, as the file was when it was read."""
        own = YamlFile.of_text(Path(self.path), self.text)
        if not own.holds(key):
            for path, text in self.inherited.items():
                base = YamlFile.of_text(Path(path), text)
                if base.holds(key):
                    return base.where(key)
        return own.where(key)

    def fingerprint(self, *, without: Collection[str] = ()) -> str:
        """Give a name to all that an engine may read, the same wherever it was written.

        Parameters
        ----------
        without : collection of str
            Fields of the technology that are left out.

        Returns
        -------
        str
            SHA-256 in hex over engine, values of the parameters, design and technology. Name,
            title, sources, comments and path are not in it.
        """
        return self._fingerprint if not without else self._digest(without)

    @cached_property
    def _fingerprint(self) -> str:
        return self._digest(())

    def _digest(self, without: Collection[str]) -> str:
        design, technology = self.spec.design, self.technology
        known = None if technology is None else asdict(technology)
        read = {
            "engine": self.engine,
            "parameters": dict(self.parameters),
            "design": None if design is None else design.model_dump(),
            "technology": known and {k: v for k, v in known.items() if k not in without},
        }
        if self.options:
            read["options"] = dict(self.options)
        return hashlib.sha256(_unordered(read)).hexdigest()

    @property
    def _content(self) -> dict[str, Any]:
        return {"spec": self.spec.model_dump(by_alias=True), "overrides": dict(self.overrides)}

    @cached_property
    def _compared(self) -> bytes:
        return _unordered(self._content)

    def _repr_html_(self) -> str:
        from hwsim.html_table import html_table

        rows = [
            (name, str(value), self.spec.parameters[name].unit)
            for name, value in self.parameters.items()
        ]
        rows += [(name, choice, "") for name, choice in self.options.items()]
        technology = self.spec.technology
        texts = {} if technology is None else technology.model_dump(exclude_none=True)
        rows += [(key, str(text), "") for key, text in texts.items() if key != "sources"]
        title = f"{self.label}: {self.title}"
        return html_table(title, ("parameter", "value", "unit"), rows, self.spec.source)

    def to_bytes(self) -> bytes:
        """Write it down whole, for another process or machine.

        Returns
        -------
        bytes
            A JSON document; ``path`` is in it as text for messages only.
        """
        files = {"path": self.path, "text": self.text, "inherited": dict(self.inherited)}
        document = {"format": FORMAT, **files, **self._content, "note": self.note}
        return json.dumps(document).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Arch:
        """Read what :meth:`to_bytes` wrote.

        Raises
        ------
        InputError
            If it is anything else, or of a newer format.
        """
        try:
            document = json.loads(data)
            if document["format"] != FORMAT:
                raise InputError(
                    f"arch: these bytes have format {document['format']!r}; this hwsim reads "
                    f"format {FORMAT}"
                )
            spec = ArchSpec.model_validate(document["spec"])
            path, text, overrides = document["path"], document["text"], document["overrides"]
            place = f"arch {spec.name!r}"
            inherited = dict(document.get("inherited", {}))
            return cls.of_spec(
                spec,
                overrides,
                lambda name: place,
                path=path,
                text=text,
                inherited=inherited,
                note=str(document.get("note", "")),
            )
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            reason = named_reason(error)[:200]  # pydantic lists every fault
            raise InputError(f"arch: not the bytes of an architecture: {reason}") from error


def _unordered(value: Any) -> bytes:
    """Write JSON with sorted keys: in a spec their order means nothing."""
    return json.dumps(value, sort_keys=True).encode()
