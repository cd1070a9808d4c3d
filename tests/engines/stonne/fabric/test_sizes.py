"""What the trees cannot be is refused, whatever the bounds of a spec allow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hwsim
from hwsim.arch import load_arch
from hwsim.engines.stonne.fabric.sizes import FabricSizes
from hwsim.engines.stonne.files.config import config_text
from hwsim.errors import InputError
from hwsim.shipped import shipped_folder


def _spec(folder: Path, **sizes: int) -> Path:
    """SIGMA's spec with no bounds worth the name."""
    text = (shipped_folder("arch_specs") / "sigma.yaml").read_text()
    for line in ("    power_of_two: true\n", "    at_most: num_ms\n"):
        text = text.replace(line, "")
    for least in (1, 2):
        text = text.replace(f"minimum: {least}\n", "minimum: 0\n")
    text = text.replace("maximum: 65536", "maximum: 1000000")
    head, *parts = text.split("    value: ")
    for number, name in enumerate(("num_ms", "dn_bw", "rn_bw")):
        if name in sizes:
            _, newline, rest = parts[number].partition("\n")
            parts[number] = f"{sizes[name]}{newline}{rest}"
    (folder / "mine.yaml").write_text("    value: ".join([head, *parts]))
    return folder / "mine.yaml"


@pytest.mark.parametrize(
    ("sizes", "name", "most"),
    [
        ({"dn_bw": 0}, "dn_bw", 256),
        ({"dn_bw": 3}, "dn_bw", 256),
        ({"dn_bw": 512}, "dn_bw", 256),
        ({"rn_bw": 0}, "rn_bw", 256),
        ({"rn_bw": 100}, "rn_bw", 256),
        ({"num_ms": 100}, "num_ms", 65536),
        ({"num_ms": 1}, "num_ms", 65536),
        ({"num_ms": 131072}, "num_ms", 65536),
    ],
)
def test_sizes_that_the_machine_cannot_have(
    tmp_path: Path, sizes: dict[str, int], name: str, most: int
) -> None:
    path = _spec(tmp_path, **sizes)
    arch = load_arch(path)
    line = path.read_text().splitlines().index(f"  {name}:") + 1
    least = 2 if name == "num_ms" else 1
    message = (
        f"arch 'sigma' ({path}, line {line}): {name} must be a power of two in the range "
        f"[{least}, {most}] on this machine. Got {sizes[name]}"
    )
    for use in (
        lambda: FabricSizes.of(arch),
        lambda: hwsim.simulate_gemm(np.ones((4, 8), bool), 3, arch),
        lambda: config_text(arch),
    ):
        with pytest.raises(InputError) as caught:
            use()
        assert str(caught.value) == message


def test_sizes_that_it_can_have(tmp_path: Path) -> None:
    assert FabricSizes.of(load_arch(_spec(tmp_path, num_ms=64, dn_bw=8))) == (64, 8, 64)
    assert FabricSizes.of(load_arch("sigma", {"num_ms": 2})) == (2, 2, 2)
