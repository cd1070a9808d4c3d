"""YAML with the tags of v0.4 nodes: text to data and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from hwsim.engines.timeloop.spec._front_end_nodes import FrontEndNodes, Included
from hwsim.yaml_events import EventLoader

#: The tag of a v0.4 node, kept as a key of its mapping.
TAG: Final = "!tag"
#: What PyYAML lets through when a text is no YAML, or a value does not fit its tag (``!!int x``).
YAML_ERRORS: Final = (
    yaml.YAMLError,
    RecursionError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
)
#: Parts of a text after its references are followed; a file of 50 MB has half as many.
_PARTS_LIMIT: Final = 10_000_000


class _Loader(EventLoader):
    """Safe YAML that keeps tags and takes 1e-3 for a number.

    An anchor may be used anew, as in YAML 1.2 and in Timeloop's parser: a reference is to the last
    one before it.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        anchor = getattr(event, "anchor", None)
        if anchor is not None and not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(anchor, None)
        return super().compose_node(parent, index)


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {TAG: suffix, **loader.construct_mapping(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    return None


_Loader.add_multi_constructor("!", _tagged)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


def load_yaml(text: str, included: Included | None = None) -> tuple[yaml.Node | None, Any]:
    """Read a text that holds one document: its nodes, with the lines of everything, and content.

    One of :data:`YAML_ERRORS` if it is no YAML, refers to itself, or has a key twice. Keys of the
    top level may stand in several files that were put together; they are the caller's to check.

    Parameters
    ----------
    text : str
        The document.
    included : mapping, optional
        Path and text of the files that a template has put into it, by their names. The marks of
        their nodes have the path as their name.
    """
    loader = _Loader(text)
    node = loader.get_single_node()
    if node is None:
        return None, None
    node = FrontEndNodes(included or {}, lambda inside: _Loader(inside).get_single_node()).resolved(
        node
    )
    _count(node, {}, [])
    return node, loader.construct_document(node)


def _check_keys(node: yaml.MappingNode) -> None:
    seen = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                raise yaml.composer.ComposerError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)


def _count(node: yaml.Node, known: dict[int, int], around: list[yaml.Node]) -> int:
    """Count the parts of a node and check its keys; a reference counts as what it refers to."""
    if id(node) in known:
        return known[id(node)]
    if any(outer is node for outer in around):
        raise yaml.composer.ComposerError(
            None, None, "a reference to what it stands in itself", node.start_mark
        )
    if isinstance(node, yaml.MappingNode):
        if around:
            _check_keys(node)
        inner = [part for pair in node.value for part in pair]
    else:
        inner = node.value if isinstance(node, yaml.SequenceNode) else []
    around.append(node)
    count = 1 + sum(_count(part, known, around) for part in inner)
    around.pop()
    if count > _PARTS_LIMIT:
        raise yaml.composer.ComposerError(
            None, None, f"more than {_PARTS_LIMIT:,} parts by its references", node.start_mark
        )
    known[id(node)] = count
    return count


class _Dumper(yaml.SafeDumper):
    """Safe YAML without references, which Timeloop's older parsers do not all follow."""

    def ignore_aliases(self, data: Any) -> bool:
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
