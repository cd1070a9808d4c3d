"""Every parameter of every machine that ships with hwsim, with unit and bounds."""

from __future__ import annotations

from hwsim.arch import list_archs, load_arch


def settings_table() -> str:
    """Write the table; machines whose parameter means the same share a row."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for name in list_archs():
        for parameter, spec in load_arch(name).spec.parameters.items():
            rows.setdefault((parameter, spec.unit, spec.meaning), []).append(name)
    lines = ["| parameter | unit | meaning | machines |", "| --- | --- | --- | --- |"]
    for (parameter, unit, meaning), machines in sorted(rows.items()):
        shown = ", ".join(f"`{each}`" for each in machines)
        lines.append(f"| `{parameter}` | {unit} | {meaning} | {shown} |")
    return "\n".join(lines)
