"""The SIGMA engine: equal to STONNE's simulation, in closed form."""

from hwsim.engines.sigma.engine import SigmaEngine

__all__ = ["SigmaEngine"]
