"""STONNE's systolic mesh: an output stays where it is summed, operands come from top and left."""

from hwsim.engines.stonne.tpu.engine import TpuEngine

__all__ = ["TpuEngine"]
