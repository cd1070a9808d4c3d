"""The MAERI engine: equal to STONNE's simulation, without stepping through its cycles."""

from hwsim.engines.stonne.maeri.engine import MaeriEngine

__all__ = ["MaeriEngine"]
