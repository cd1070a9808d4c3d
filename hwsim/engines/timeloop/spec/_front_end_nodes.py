"""What the Python front end adds to YAML: content of included files, and ``<<<``, which merges.

``<<`` of YAML takes what a mapping lacks from another one; ``<<<`` does so in the mappings inside,
too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import yaml

from hwsim.templates import INCLUDED_TAG

#: Merges mappings in mappings, too.
DEEP_MERGE: Final = "<<<"
#: Mappings that merging may make, which references could multiply without end.
_MADE_LIMIT: Final = 100_000

Included = Mapping[str, tuple[tuple[str, str], ...]]
Compose = Callable[[str], yaml.Node | None]


class FrontEndNodes:
    """Puts included files where they belong, and merges what ``<<<`` says.

    Parameters
    ----------
    included : mapping
        Path and text of the files that belong where ``!include_loaded NAME`` stands.
    compose : callable
        Makes nodes of a text.
    """

    def __init__(self, included: Included, compose: Compose) -> None:
        self._included = included
        self._compose = compose
        self._entered: list[str] = []
        #: By identity, with the node itself so that no other one takes its place.
        self._seen: dict[int, tuple[yaml.Node, yaml.Node]] = {}
        self._made = 0

    def resolved(self, node: yaml.Node) -> yaml.Node:
        """Put a node and all inside together."""
        if id(node) in self._seen:
            return self._seen[id(node)][1]
        self._seen[id(node)] = node, node  # of what refers to itself this is as far as it goes
        found = node
        if isinstance(node, yaml.ScalarNode) and node.tag == INCLUDED_TAG:
            found = self._content(node)
        elif isinstance(node, yaml.SequenceNode):
            node.value = [self.resolved(part) for part in node.value]
        elif isinstance(node, yaml.MappingNode):
            node.value = [(key, self.resolved(value)) for key, value in node.value]
            self._merge_into(node)
        self._seen[id(node)] = node, found
        return found

    def _content(self, node: yaml.ScalarNode) -> yaml.Node:
        name, *keys = str(node.value).split(".")
        if name not in self._included or name in self._entered:
            raise _error(f"no file is included here as {name!r}", node)
        self._entered.append(name)
        documents = [self._document(*document, keys, node) for document in self._included[name]]
        self._entered.pop()
        if len(documents) == 1:
            return documents[0]
        return yaml.SequenceNode("tag:yaml.org,2002:seq", documents, node.start_mark, node.end_mark)

    def _document(self, path: str, text: str, keys: list[str], at: yaml.Node) -> yaml.Node:
        try:
            node = self._compose(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            error.problem_mark = None if mark is None else _mark(path, mark)
            raise
        if node is None:
            raise _error(f"{path} is empty", at)
        _mark_all(node, path)
        node = self.resolved(node)
        for key in keys:
            found = _entered(node, key)
            if found is None:
                raise _error(f"{path} has no key {'.'.join(keys)}", at)
            node = found
        return node

    def _merge_into(self, node: yaml.MappingNode) -> None:
        bases = [value for key, value in node.value if key.value == DEEP_MERGE]
        node.value = [pair for pair in node.value if pair[0].value != DEEP_MERGE]
        for base in bases:
            if not isinstance(base, yaml.MappingNode):
                raise _error(f"{DEEP_MERGE!r} takes one mapping", base)
            node.value = self._merged(node, base)

    def _merged(
        self, node: yaml.MappingNode, base: yaml.MappingNode
    ) -> list[tuple[yaml.Node, yaml.Node]]:
        """Take what a mapping lacks from another, and so on inside; neither is changed."""
        own = list(node.value)
        places = {key.value: number for number, (key, _) in enumerate(own) if _is_text(key)}
        for key, value in base.value:
            number = places.get(key.value) if _is_text(key) else None
            if number is None:
                own.append((key, value))
                continue
            mine = own[number][1]
            if isinstance(mine, yaml.MappingNode) and isinstance(value, yaml.MappingNode):
                self._made += 1
                if self._made > _MADE_LIMIT:
                    raise _error(f"{DEEP_MERGE!r} merges more than {_MADE_LIMIT:,} mappings", key)
                inside = self._merged(mine, value)
                marks = mine.start_mark, mine.end_mark
                own[number] = own[number][0], yaml.MappingNode(mine.tag, inside, *marks)
        return own


def _is_text(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode)


def _entered(node: yaml.Node, name: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if key.value == name), None)


def _mark_all(node: yaml.Node, path: str) -> None:
    """Say of all nodes of a document which file they stand in."""
    seen: set[int] = set()
    left = [node]
    while left:
        part = left.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        part.start_mark = _mark(path, part.start_mark)
        if isinstance(part, yaml.MappingNode):
            left += [side for pair in part.value for side in pair]
        elif isinstance(part, yaml.SequenceNode):
            left += part.value


def _mark(path: str, mark: yaml.Mark) -> yaml.Mark:
    return yaml.Mark(path, mark.index, mark.line, mark.column, None, 0)


def _error(problem: str, node: yaml.Node) -> yaml.composer.ComposerError:
    return yaml.composer.ComposerError(None, None, problem, node.start_mark)
