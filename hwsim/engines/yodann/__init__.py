"""YodaNN (Andri et al., IEEE TCAD 2018): convolutions whose weights are one bit."""

from hwsim.engines.yodann.engine import YodannEngine

__all__ = ["YodannEngine"]
