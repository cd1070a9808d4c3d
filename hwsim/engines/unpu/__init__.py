"""UNPU (Lee et al., JSSC 2019): tables of sums that bits of weights look up, one bit a cycle."""

from hwsim.engines.unpu.engine import UnpuEngine

__all__ = ["UnpuEngine"]
