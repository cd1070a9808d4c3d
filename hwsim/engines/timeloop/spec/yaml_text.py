"""YAML of documents with the tags of v0.4 nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from hwsim.engines.timeloop.spec.documents import TAG


class _Dumper(yaml.SafeDumper):
    """Safe YAML without references, which Timeloop's older parsers do not all follow."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out."""
        return True


def _mapping(dumper: yaml.SafeDumper, data: dict[str, Any]) -> yaml.Node:
    tag = data.get(TAG)
    rest = {key: value for key, value in data.items() if key != TAG}
    name = "tag:yaml.org,2002:map" if tag is None else f"!{tag}"
    return dumper.represent_mapping(name, rest.items())


_Dumper.add_representer(dict, _mapping)


def yaml_text(document: Mapping[str, Any]) -> str:
    """Write a document in the order of its keys; short lists and mappings on one line."""
    return yaml.dump(
        dict(document), Dumper=_Dumper, sort_keys=False, width=100, default_flow_style=None
    )
