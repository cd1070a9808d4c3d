"""A scheme at a sparsity level: the axis of sweeps and studies."""

from __future__ import annotations

from dataclasses import replace

from hwsim.errors import InputError, did_you_mean
from hwsim.schemes.parameters import bounds_of, default_of
from hwsim.schemes.registry import parse_scheme


def with_sparsity(
    scheme: str, level: float, method: str | None = None, seed: int | None = None
) -> str | None:
    """Give the text of a scheme at a sparsity.

    Parameters
    ----------
    scheme : str
        ``"pruned"``, ``"signed-binary:p=0.25"``; what it says itself of sparsity, method and seed
        is replaced by what is given here.
    level : float
        Share of zeros, 0 to 1.
    method : str, optional
        Which weights become zero, ``"random"`` or ``"magnitude"``; None: as the scheme says.
    seed : int, optional
        For a scheme that has a seed; where it has a method, too, only if that is random, for it
        makes no difference to the others.

    Returns
    -------
    str or None
        None for a scheme whose zeros nobody chooses: one without a parameter ``sparsity`` (dense,
        binary), or with a pattern that it follows from (``pruned:pattern=2:4``).

    Raises
    ------
    InputError
        If the scheme cannot be read, cannot have that sparsity beside its other parameters, or
        has no such parameter as ``method``.

    Examples
    --------
    >>> with_sparsity("signed-binary", 0.65, method="random", seed=3)
    'signed-binary:sparsity=0.65,method=random,seed=3'
    >>> with_sparsity("binary", 0.65)
    """
    given = parse_scheme(scheme)
    if not given.takes_sparsity:
        return None
    known = bounds_of(type(given))
    changes: dict[str, object] = {"sparsity": float(level)}
    if method is not None:
        if "method" not in known:
            raise InputError(
                f"scheme {given.name!r} has no parameter 'method'{did_you_mean('method', known)}"
            )
        changes["method"] = method
    draws = changes.get("method", getattr(given, "method", "random")) == "random"
    if "seed" in known and not draws:
        changes["seed"] = default_of(given, "seed")
    elif "seed" in known and seed is not None:
        changes["seed"] = seed
    return str(replace(given, **changes))
