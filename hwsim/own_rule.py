"""Which of several methods of a class knows its rule, where subclasses may override any of them."""

from __future__ import annotations

from collections.abc import Collection


def knows_the_rule(kind: type, method: str, others: Collection[str]) -> bool:
    """Tell whether a method does what others of a class do.

    A class that has a method for many at once beside the one for each has one rule in two places;
    a subclass of it that overrides the latter has another rule, of which the former knows nothing.

    Parameters
    ----------
    kind : type
        The class of an object.
    method : str
        For many at once.
    others : collection of str
        The methods that it stands for.

    Returns
    -------
    bool
        False where one of the others is overridden below the class that has the method.
    """
    for each in kind.__mro__:
        if method in vars(each):
            return True
        if not vars(each).keys().isdisjoint(others):
            return False
    return False
