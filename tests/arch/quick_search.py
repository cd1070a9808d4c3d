"""Machines whose mappings are searched briefly."""

from hwsim.shipped import shipped_folder


def quick_arch(folder, name, budget=24):
    """Write a shipped arch spec with a small search, and return its path."""
    text = (shipped_folder("arch_specs") / f"{name}.yaml").read_text(encoding="utf-8")
    assert "search:" not in text
    text = text.replace("\ndesign:\n", f"\ndesign:\n  search: {{budget: {budget}}}\n")
    file = folder / f"{name}-quick.yaml"
    file.write_text(text, encoding="utf-8")
    return file
