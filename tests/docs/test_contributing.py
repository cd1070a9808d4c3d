"""The machine that CONTRIBUTING shows works when its files are written down as they stand."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.outside

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"<!-- file: (.+?) -->\n```\w+\n(.*?)```", PAGE, flags=re.DOTALL))


def groups_of(text):
    return tomllib.loads(text)["project"]["entry-points"]


def installed(folder):
    """Write the files, and the entry points as pip would."""
    for name, content in FILES.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(content)
    metadata = folder / "ideal-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: ideal\nVersion: 1\n")
    lines = []
    for group, points in groups_of(FILES["pyproject.toml"]).items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines))


def test_the_machine_runs_with_both_prices(tmp_path):
    installed(tmp_path)
    (commands,) = re.findall(r"<!-- runs -->\n```console\n(.*?)```", PAGE, flags=re.DOTALL)
    path = os.pathsep.join([str(tmp_path), str(CHECKOUT)])
    for line in commands.splitlines():
        done = subprocess.run(
            line.replace("$ hwsim", f"{sys.executable} -m hwsim"),
            shell=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path, "COLUMNS": "100"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{line}: {done.stderr}"
    # The 40.55 million products of the dense network, on 256 multipliers that always have work.
    assert re.search(r"^ dense +100\.0% +158,403 ", done.stdout, re.MULTILINE)
    assert "energy (stonne) by component" in done.stdout
    assert "energy (physical) by component" in done.stdout


def test_it_shows_every_group_of_entry_points():
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    shown = {group for block in blocks for group in groups_of(block)}
    ours = groups_of((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    assert shown == set(ours)
