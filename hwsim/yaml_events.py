"""PyYAML's safe loader, which takes libyaml's events where PyYAML was built with it.

Scanning is most of the time that PyYAML takes: with libyaml a spec is read six times as fast. Nodes
are composed in Python all the same, so that a text nested without end is a RecursionError and not
the end of the process.
"""

from __future__ import annotations

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

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
