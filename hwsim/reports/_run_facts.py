"""What a run rests on, as facts: network, machine, schemes, prices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from hwsim.networks.uncounted import from_described, in_one_line
from hwsim.reports._layout import facts
from hwsim.reports._numbers import count, percent, significant


def header_facts(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Say which network ran on which machine."""
    network, arch = manifest["network"], manifest["arch"]
    source = network["file"] or "in memory"
    geometry = f", geometry: {network['topology']}" if network["topology"] else ""
    yield (
        "network",
        f"{network['name']}, {count(len(network['layers']), 'layer')} ({source}{geometry})",
    )
    for note in network["notes"]:
        yield "", note
    if uncounted := from_described(network.get("uncounted", ())):
        yield "", f"not counted: {in_one_line(uncounted)}"
    settings = [
        f"{name} {each['value']} {each['unit']}" for name, each in arch["parameters"].items()
    ]
    settings += [f"{name} {choice}" for name, choice in arch.get("options", {}).items()]
    yield "arch", f"{arch['name']}: {', '.join(settings)}"
    for note in arch.get("notes", []):
        yield "", note
    engine = manifest.get("engine", arch["engine"])
    if engine != arch["engine"]:
        yield "engine", f"{engine} in place of the architecture's own, {arch['engine']}"
    if (share := manifest.get("activation_density", 1.0)) < 1:
        yield "", f"activations: {percent(share)} are not 0, at random places"
    yield from (("", text) for text in _activations(manifest, len(network["layers"])))
    if manifest.get("density", "actual") != "actual":
        yield "", "weights: their share of zeros alone, at random places (statistical density)"
    if any(entry["uses_technology"] for entry in manifest["energy_tables"]):
        texts = {key: text for key, text in arch["technology"].items() if key != "sources"}
        yield "", ", ".join(f"{key} {text}" for key, text in texts.items())


def _activations(manifest: dict[str, Any], layers: int) -> Iterator[str]:
    """Say what was known of the inputs of layers."""
    source, shares = manifest.get("activations"), manifest.get("activation_shares", {})
    masks = manifest.get("activation_masks", {})
    if masks:
        whose = "activations" if len(masks) == layers else f"activations of {_layers(len(masks))}"
        most = max(masks.values())
        mean = f", of {most} samples on average" if most > 1 else ""
        yield f"{whose}: their very zeros ({source}){mean}"
    elif source and not shares:  # of a run by an older hwsim
        yield f"activations: their very zeros ({source})"
    if shares:
        whose = f"activations of {_layers(len(shares))}" if masks else "activations"
        least, most_of = percent(min(shares.values())), percent(max(shares.values()))
        yield f"{whose}: {least} to {most_of} are not 0, by layer ({source}), at random places"
    if (shares or masks) and (left := layers - len(shares) - len(masks)):
        yield f"activations of {_layers(left)}: taken as dense, nobody measured them"


def _layers(number: int) -> str:
    return count(number, "layer")


def scheme_facts(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Say how the weights under each scheme came to be."""
    for number, scheme in enumerate(manifest["schemes"]):
        yield "schemes" if number == 0 else "", f"{scheme['label']}: {_origins(scheme)}"
        for note in scheme["notes"]:
            yield "", note


def _origins(scheme: dict[str, Any]) -> str:
    origins = scheme["origins"]
    if not scheme["layers"]:
        return "weights as given"
    if len(origins) == 1:
        return f"{count(len(scheme['layers']), 'layer')} {next(iter(origins))}"
    parts = ", ".join(f"{number} {origin}" for origin, number in origins.items())
    return f"{count(len(scheme['layers']), 'layer')}: {parts}"


def warning_facts(manifest: dict[str, Any]) -> Iterator[Table]:
    """Warn of layers that leave most of the machine idle; those of one reason stand together."""
    if warnings := manifest.get("warnings"):
        yield facts([line for warning in warnings for line in _warning_lines(warning)])


def _warning_lines(warning: dict[str, Any]) -> Iterator[tuple[str, str]]:
    layers = warning["layers"]
    named = ", ".join(layers[:3]) + (f" and {len(layers) - 3} more" if len(layers) > 3 else "")
    yield "warning", f"{named}: {percent(warning['utilization'])} of the machine is used or less"
    yield "", warning["reason"]


def price_facts(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Say whose prices these are, and the area of the machine."""
    energy = manifest["energy"]
    yield "energy", energy["label"]
    yield "", energy["provenance"]
    if energy["area"] is not None:
        yield "area", _area(energy["area"], energy["area_unit"])


def _area(area: float, unit: str | None) -> str:
    if unit == "um2":
        return f"{significant(area / 1e6)} mm2"
    return f"{significant(area)} ({unit or 'unit not stated'})"
