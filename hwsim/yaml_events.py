"""PyYAML's safe loader, which takes libyaml's events where PyYAML was built with it.

Scanning is most of the time that PyYAML takes: with libyaml a spec is read six times as fast. Nodes
are composed in Python all the same, so that a text nested without end is a RecursionError and not
the end of the process.
"""

from __future__ import annotations

import re
from typing import Final

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

#: Whole numbers and fractions as YAML 1.1 has them, but to base 60.
_NUMBERS: Final = {
    "tag:yaml.org,2002:int": re.compile(
        r"^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+)$"
    ),
    "tag:yaml.org,2002:float": re.compile(
        r"^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
}

try:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]
except ImportError:  # built without libyaml: the same events, slower

    class EventLoader(yaml.SafeLoader):
        """Composes and constructs like yaml.SafeLoader; rules are added to a class of its own."""

else:

    class EventLoader(Composer, CParser, SafeConstructor, Resolver):  # type: ignore[no-redef]
        """Composes and constructs like yaml.SafeLoader; rules are added to a class of its own."""

        def __init__(self, text: str) -> None:
            CParser.__init__(self, text)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)


def _without_base_60(loader: type[yaml.SafeLoader]) -> None:
    """Take ``1:30`` for text, as YAML 1.2 does, and not for 90, a number to base 60."""
    resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for first, rules in loader.yaml_implicit_resolvers.items():
        resolvers[first] = [(tag, _NUMBERS.get(tag, pattern)) for tag, pattern in rules]
    loader.yaml_implicit_resolvers = resolvers


_without_base_60(EventLoader)
