"""STONNE's hardware configuration: the TOML that its ``Config::loadFile`` reads."""

from __future__ import annotations

from hwsim.arch import Arch
from hwsim.engines.stonne.fabric.sizes import FabricSizes
from hwsim.errors import InputError

#: Engines of hwsim whose machine STONNE can be configured as, from here.
SUPPORTED_ENGINES = ("sigma",)


def sizes(arch: Arch) -> dict[str, int]:
    """Return what STONNE needs to know of an architecture of the engine ``sigma``.

    Parameters
    ----------
    arch : Arch
        The machine.

    Returns
    -------
    dict
        ``num_ms`` [multipliers], ``dn_bw`` and ``rn_bw`` [elements/cycle].

    Raises
    ------
    InputError
        If it is a machine of another engine, or its sizes are none that the machine can have.
    """
    if arch.engine not in SUPPORTED_ENGINES:
        raise InputError(
            f"arch {arch.name!r} is of the engine {arch.engine!r}; STONNE's -SparseGEMM needs one "
            f"of the engine {SUPPORTED_ENGINES[0]!r}, e.g. --arch sigma"
        )
    return FabricSizes.of(arch)._asdict()


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
    size = sizes(arch)
    return (
        f"# {arch.label}: {arch.title}\n"
        "print_stats_enabled=true\n"
        "[MSNetwork]\n"
        'type="LINEAR"\n'
        f"ms_size={size['num_ms']}\n"
        "[ReduceNetwork]\n"
        'type="ASNETWORK"\n'
        "accumulation_buffer_enabled=0\n"
        "[SDMemory]\n"
        f"dn_bw={size['dn_bw']}\n"
        f"rn_bw={size['rn_bw']}\n"
        'controller_type="SIGMA_SPARSE_GEMM"\n'
    )
