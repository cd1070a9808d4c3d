"""EIE (Han et al., ISCA 2016): sparse matrix times sparse vector, weights resident in the PEs."""

from hwsim.engines.eie.engine import EieEngine

__all__ = ["EieEngine"]
