"""What is known of a task that was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwsim.studies.layer_task import LayerTask
from hwsim.workload.operands import Operands


@dataclass(frozen=True)
class KnownTask:
    """A task that was done.

    Parameters
    ----------
    activity : str
        Key of what it made the machine do.
    fields : mapping
        Of the :class:`~hwsim.studies.layer_task.LayerTask`, but the scheme.
    operands : Operands or None
        What its values are made of.
    """

    activity: str
    fields: Mapping[str, Any]
    operands: Operands | None

    def layer_task(self, scheme: str) -> LayerTask:
        """Make the layer task of a scheme; layers that are left alone are one task under many."""
        return LayerTask(scheme=scheme, **self.fields)
