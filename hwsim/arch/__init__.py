"""The ASIC description: architectures as data, their loading and overriding."""

from __future__ import annotations

from hwsim.arch.architecture import Arch
from hwsim.arch.design import DesignSpec, SearchSpec
from hwsim.arch.loading import list_archs, load_arch, override_arch
from hwsim.arch.overrides import parse_overrides
from hwsim.arch.spec import ArchSpec, ComponentSpec, GrowthSpec, OptionSpec, ParameterSpec
from hwsim.arch.technology import Technology, TechnologySpec

__all__ = [
    "Arch",
    "ArchSpec",
    "ComponentSpec",
    "DesignSpec",
    "GrowthSpec",
    "OptionSpec",
    "ParameterSpec",
    "SearchSpec",
    "Technology",
    "TechnologySpec",
    "list_archs",
    "load_arch",
    "override_arch",
    "parse_overrides",
]
