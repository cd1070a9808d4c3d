"""What is known of a task that was done."""

from __future__ import annotations

from typing import NamedTuple

from hwsim.studies.layer_task import LayerTask
from hwsim.workload.operands import Operands


class KnownTask(NamedTuple):
    """A task that was done.

    Parameters
    ----------
    activity : str
        Key of what it made the machine do.
    task : LayerTask
        What the tables say of it, under a scheme for which it was done.
    operands : Operands or None
        What its values are made of.
    """

    activity: str
    task: LayerTask
    operands: Operands | None

    def under(self, scheme: str) -> LayerTask:
        """Give the layer task of a scheme; layers that are left alone are one task under many."""
        return self.task if self.task.scheme == scheme else self.task._replace(scheme=scheme)
