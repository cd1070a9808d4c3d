"""Lanes that multiply the non-zero weights of a filter, a few a cycle."""

from __future__ import annotations

import numpy as np

from hwsim.activity import ACTIVATIONS, OUTPUTS, WEIGHTS, ActionKey, Activity
from hwsim.arch import Arch
from hwsim.engines import Engine
from hwsim.workload import Workload

BUFFER = ("GlobalBuffer", "GLOBALBUFFER")
MULTIPLICATION = ActionKey("MSNetwork", "MULTIPLIER", "MULTIPLICATION")
#: An action that no machine of hwsim has: negative weights are subtracted as a group.
GROUP = ActionKey("MSNetwork", "GROUPADDER", "SUBTRACT")


class LanesEngine(Engine):
    """Each filter takes its non-zeros over the lanes, a vector after the other.

    The window fills once, a row of the kernel a cycle, so that a 3x3 convolution is not the matrix
    product that it unrolls to.
    """

    name = "lanes"

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Count what the lanes do."""
        lanes = arch["lanes"]
        nonzeros = np.count_nonzero(workload.levels, axis=2)
        steps = int(np.ceil(nonzeros / lanes).sum())
        window = workload.window
        filling = 0 if window is None else window.kernel[0]
        cycles = steps * workload.streams + filling
        negative = int(np.count_nonzero(workload.levels < 0))
        return Activity(
            engine=self.name,
            cycles=cycles,
            counts={
                MULTIPLICATION: workload.effectual_macs,
                GROUP: negative * workload.streams,
                ActionKey(*BUFFER, "READ", WEIGHTS): workload.effectual_weights,
                ActionKey(*BUFFER, "READ", ACTIVATIONS): workload.effectual_macs,
                ActionKey(*BUFFER, "WRITE", OUTPUTS): nonzeros.size * workload.streams,
            },
            instances={MULTIPLICATION[:2]: lanes, GROUP[:2]: 1, BUFFER: 1},
            macs=workload.macs,
            effectual_macs=workload.effectual_macs,
            utilization=workload.effectual_macs / (cycles * lanes),
        )
