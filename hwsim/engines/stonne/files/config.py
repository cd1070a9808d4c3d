"""STONNE's hardware configuration: the TOML that its ``Config::loadFile`` reads."""

from __future__ import annotations

from hwsim.arch import Arch
from hwsim.engines.stonne.fabric.sizes import FabricSizes
from hwsim.engines.stonne.fabric.variants import multicasts
from hwsim.errors import InputError, one_line
from hwsim.shown_text import visible

#: The engine of hwsim whose machine STONNE can be configured as, from here.
SUPPORTED_ENGINE = "sigma"


def sizes(arch: Arch) -> FabricSizes:
    """Return what STONNE needs to know of an architecture of the engine ``sigma``.

    Parameters
    ----------
    arch : Arch
        The machine.

    Returns
    -------
    FabricSizes
        Multipliers and ports.

    Raises
    ------
    InputError
        If it is a machine of another engine, multicasts, which STONNE's ports cannot, or its sizes
        are none that the machine can have.
    """
    if arch.engine != SUPPORTED_ENGINE:
        raise InputError(
            f"arch {arch.name!r} is of the engine {arch.engine!r}; STONNE's -SparseGEMM needs one "
            f"of the engine {SUPPORTED_ENGINE!r}, e.g. --arch sigma"
        )
    if multicasts(arch):
        raise InputError(
            f"arch {arch.label!r}: STONNE's ports feed their own multipliers and cannot multicast; "
            "set distribution=ports"
        )
    return FabricSizes.of(arch)


def config_text(arch: Arch) -> str:
    """Write an architecture as STONNE's ``.cfg``.

    Parameters
    ----------
    arch : Arch
        A machine of the engine ``sigma``.

    Returns
    -------
    str
        Every key is one that STONNE reads; all others keep STONNE's defaults.
    """
    num_ms, dn_bw, rn_bw = sizes(arch)
    return (
        f"# {visible(one_line(f'{arch.label}: {arch.title}'))}\n"
        "print_stats_enabled=true\n"
        "[MSNetwork]\n"
        'type="LINEAR"\n'
        f"ms_size={num_ms}\n"
        "[ReduceNetwork]\n"
        'type="ASNETWORK"\n'
        "accumulation_buffer_enabled=0\n"
        "[SDMemory]\n"
        f"dn_bw={dn_bw}\n"
        f"rn_bw={rn_bw}\n"
        'controller_type="SIGMA_SPARSE_GEMM"\n'
    )
