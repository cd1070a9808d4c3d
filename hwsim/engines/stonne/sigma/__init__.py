"""The SIGMA engine: equal to STONNE's simulation, in closed form."""

from hwsim.engines.stonne.sigma.engine import SigmaEngine

__all__ = ["SigmaEngine"]
