"""The files of ``docker/`` name what is there."""

import re
from pathlib import Path

import pytest
import yaml

from hwsim.engines.stonne.program.engine import STONNE

pytestmark = pytest.mark.outside

CHECKOUT = Path(__file__).parents[2]
DOCKER = CHECKOUT / "docker"


def test_the_image_is_built_from_what_there_is():
    text = (DOCKER / "Dockerfile").read_text()
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", text, flags=re.MULTILINE)
    sources = [source for line in copies for source in line.split()]
    assert "hwsim" in sources
    for source in sources:
        assert (CHECKOUT / source).exists(), source
        assert f"!{source}" in ignored


def test_the_image_has_no_root_and_one_entry():
    instructions = (DOCKER / "Dockerfile").read_text().splitlines()
    users = [line for line in instructions if line.startswith("USER")]
    assert users == ["USER 10001:10001"]
    assert 'ENTRYPOINT ["hwsim"]' in instructions
    assert "FROM ${BASE}" in instructions


def test_the_services_are_isolated():
    services = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
    assert services["stonne"]["image"] == STONNE.image
    assert set(services) == {"hwsim", "stonne", "timeloop"}
    for service in services.values():
        assert service["network_mode"] == "none"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["volumes"] == ["${HWSIM_SHARED:-./shared}:/shared"]
    build = services["hwsim"]["build"]
    assert (DOCKER / build["context"] / build["dockerfile"]).exists()
