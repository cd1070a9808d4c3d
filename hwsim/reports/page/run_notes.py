"""What a page has to say of a run besides figures: what is missing, in doubt, or needed again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hwsim.reports._equal_area import WAITING
from hwsim.reports._numbers import percent

if TYPE_CHECKING:
    from hwsim.studies import RunResult
    from hwsim.studies.columns import Columns


def not_counted(manifest: dict[str, Any]) -> Iterator[str]:
    """Name what is in no figure: layers, failures, the rest of a batch."""
    from hwsim.networks.uncounted import from_described, in_one_line

    if uncounted := from_described(manifest["network"].get("uncounted", ())):
        yield f"layers: {in_one_line(uncounted)}"
    for line in manifest.get("failures", ()):
        yield f"failed: {line}"
    equal = manifest.get("equal_area")
    for each in equal["left_out"] if equal else ():
        yield f"left out: {each['layer']}, which units of {', '.join(each['schemes'])} cannot run"
    yield "one image: other images of a batch, and what the host does, are not in these figures"


def warnings_of(result: RunResult) -> Iterator[str]:
    """Name idle layers, ratios that cannot be, and units that wait."""
    yield from idle_layers(result.manifest)
    yield from beyond_limits_of(result.sums.beyond_limits)
    machines = result.sums.machines
    for row in machines.records() if machines is not None else ():
        if row["waits"] >= WAITING:
            yield f"{row['scheme']}: units wait in {percent(row['waits'])} of the cycles"


def idle_layers(manifest: dict[str, Any]) -> Iterator[str]:
    """Name layers that use little of the machine."""
    for each in manifest.get("warnings", ()):
        used = percent(each["utilization"])
        named = ", ".join(each["layers"])
        yield f"{named}: {used} of the machine is used or less; {each['reason']}"


def beyond_limits_of(beyond: Columns) -> Iterator[str]:
    """Name ratios that cannot be; see :func:`hwsim.studies.limits.beyond_limits`."""
    for row in beyond.records():
        yield (
            f"{row['scheme']}, {row['layer']}: a ratio of cycles of {row['cycles_ratio']:.4g}, "
            f"where at most {row['cycles_limit']:.4g} can be ({row['limit_from']})"
        )


def assumed(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give where each figure of the technology is from, as the run kept it."""
    technology = manifest["arch"].get("technology") or {}
    yield from technology.get("sources", {}).items()


def published_of(machine: str) -> Iterator[tuple[str, str]]:
    """Say how far a machine is off what is published of it, as it states itself.

    Parameters
    ----------
    machine : str
        Name of its spec.
    """
    from hwsim.validation import read_published

    for file in read_published():
        if file.machine == machine:
            for quantity, stated in file.states.items():
                yield (
                    f"{quantity.replace('_', ' ')}, {file.title}",
                    f"within {stated.within} of {file.source}. {stated.why or ''}",
                )


def reproduction(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Say what the same figures need: weights, machine, versions."""
    network, arch = manifest["network"], manifest["arch"]
    if network["file"]:
        yield "weights", f"{network['file']}, SHA-256 {network.get('sha256') or 'not known'}"
    else:
        yield "weights", "a network in memory, of no file"
    yield "machine", f"{arch['name']}, {arch.get('source') or 'source not stated'}"
    libraries = manifest.get("libraries", {})
    versions = [f"hwsim {manifest.get('hwsim', '?')}", f"Python {manifest.get('python', '?')}"]
    yield (
        "versions",
        ", ".join([*versions, *(f"{name} {each}" for name, each in libraries.items())]),
    )
    yield "date", str(manifest.get("date", "not known"))
