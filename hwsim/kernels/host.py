"""The processor that runs this, and LLVM code made into functions of it.

LLVM comes in a wheel (``llvmlite``), so that nobody needs a compiler.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from hwsim.errors import InputError

_L1 = Path("/sys/devices/system/cpu/cpu0/cache/index0/size")
#: Where the system does not tell: the smallest L1 data cache of the last ten years' processors.
_SMALLEST_L1_BYTES: Final = 32 * 1024
#: Floats of a vector register and how many such registers there are, by the feature of the
#: processor that says so: Intel SDM volume 1, sections 14 and 15. Without either 128 bits.
_VECTORS: Final = {"avx512f": (16, 32), "avx": (8, 16)}
_FLOAT_BYTES: Final = 4


@dataclass(frozen=True)
class Host:
    """What kernels need to know of the processor.

    Parameters
    ----------
    name : str
        As LLVM calls it.
    lanes : int
        Floats of a vector register.
    registers : int
        Vector registers.
    l1_bytes : int
        Data cache next to them.
    """

    name: str
    lanes: int
    registers: int
    l1_bytes: int

    @property
    def vector_bytes(self) -> int:
        """Bytes of a vector register."""
        return self.lanes * _FLOAT_BYTES


@cache
def host() -> Host:
    """Look at the processor.

    Raises
    ------
    InputError
        If llvmlite is not installed.
    """
    binding = _binding()
    features = binding.get_host_cpu_features()
    lanes, registers = next(
        (found for feature, found in _VECTORS.items() if features.get(feature)), (4, 16)
    )
    return Host(binding.get_host_cpu_name(), lanes, registers, _l1_bytes())


def function(text: str, name: str, arguments: int) -> Callable[..., None]:
    """Compile LLVM assembly for this processor.

    Parameters
    ----------
    text : str
        A module in LLVM's language.
    name : str
        Of the function in it, which returns nothing.
    arguments : int
        How many pointers and 64-bit integers it takes.

    Returns
    -------
    callable
        Takes addresses and integers; its code lives as long as it does.
    """
    binding = _binding()
    features = binding.get_host_cpu_features().flatten()
    target = binding.Target.from_default_triple()
    machine = target.create_target_machine(binding.get_host_cpu_name(), features, opt=3)
    module = binding.parse_assembly(text)
    module.verify()
    passes = binding.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    passes.run(
        module, binding.create_pass_builder(machine, binding.create_pipeline_tuning_options())
    )
    engine = binding.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    kind = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * arguments)
    compiled = kind(engine.get_function_address(name))
    compiled.engine = engine  # type: ignore[attr-defined]  # owns the code
    return compiled


@cache
def _binding() -> Any:
    try:
        from llvmlite import binding
    except ImportError as error:
        raise InputError(
            "kernels are compiled by llvmlite, which is not installed: pip install 'hwsim[cpu]'"
        ) from error
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding


def _l1_bytes() -> int:
    try:
        text = _L1.read_text().strip()
    except OSError:
        return _SMALLEST_L1_BYTES
    return int(text.removesuffix("K")) * 1024 if text.endswith("K") else _SMALLEST_L1_BYTES
