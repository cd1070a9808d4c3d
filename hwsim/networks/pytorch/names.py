"""What a layer is called: as its weights in the state dict, else as the module that runs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import torch

_PARAMETRIZED: Final = re.compile(r"(^|\.)parametrizations\.([^.]+)\..*")
#: What weight_norm, spectral_norm and pruning add to the name of a weight.
_FORMS: Final = re.compile(r"(weight)_(orig|mask|g|v|u)$")


class Frames:
    """The modules that are running, the innermost last, and the names that they give."""

    def __init__(self) -> None:
        self._frames: list[tuple[str, Counter[str]]] = [("", Counter())]
        self._hooks: list[Any] = []

    def watch(self, module: Any) -> None:
        """Follow which modules run; TorchScript's run unseen."""
        for path, each in module.named_modules():
            if isinstance(each, torch.jit.ScriptModule):
                continue
            self._hooks.append(each.register_forward_pre_hook(self._entering(path)))
            self._hooks.append(each.register_forward_hook(self._leaving, always_call=True))

    def stop(self) -> None:
        """Remove all hooks."""
        for hook in self._hooks:
            hook.remove()

    def of_weights(self, sources: Iterable[str], operation: str) -> str:
        """Name a layer by the arrays that its weights come from."""
        path = self._frames[-1][0]
        mine = [each for each in sources if not path or each.startswith(f"{path}.")]
        plain = {_in_place(each) for each in mine or sources}
        if not plain:
            return self.of_operation(operation)
        # Of several, such as a weight and what it is merged with, the weight names the layer.
        first = min(plain, key=lambda each: (not each.endswith("weight"), len(each), each))
        return first.removesuffix(".weight").removesuffix("_weight")

    def of_operation(self, operation: str) -> str:
        """Name an operation by its module, and its number there where there are several."""
        path, seen = self._frames[-1]
        seen[operation] += 1
        number = seen[operation]
        own = operation if number == 1 else f"{operation}{number}"
        return f"{path}.{own}" if path else own

    def _entering(self, path: str) -> Any:
        def enter(*_: Any) -> None:
            self._frames.append((path, Counter()))

        return enter

    def _leaving(self, *_: Any) -> None:
        self._frames.pop()


def _in_place(name: str) -> str:
    """Give the name that a weight had before it was parametrised."""
    return _FORMS.sub(r"\1", _PARAMETRIZED.sub(r"\1\2", name))
