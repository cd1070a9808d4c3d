"""``architecture``: the machine."""

from hwsim.engines.timeloop.spec.architecture.machine import architecture_document, read_machine

__all__ = ["architecture_document", "read_machine"]
