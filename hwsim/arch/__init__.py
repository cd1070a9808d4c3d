"""The ASIC description: architectures as data, their loading and overriding."""

from __future__ import annotations

from hwsim.arch.loading import Arch, list_archs, load_arch
from hwsim.arch.overrides import parse_overrides
from hwsim.arch.spec import ArchSpec, ComponentSpec, ParameterSpec

__all__ = [
    "Arch",
    "ArchSpec",
    "ComponentSpec",
    "ParameterSpec",
    "list_archs",
    "load_arch",
    "parse_overrides",
]
