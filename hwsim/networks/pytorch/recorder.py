"""Record every operation of a run that multiplies and accumulates."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakTensorKeyDictionary

from hwsim.errors import InputError
from hwsim.networks.graphs.calls import Calls
from hwsim.networks.network import Layer
from hwsim.networks.pytorch.densities import measured
from hwsim.networks.pytorch.names import Frames
from hwsim.networks.pytorch.operators import TAKERS, as_floats
from hwsim.networks.pytorch.origins import Origins, storage, tensors_of
from hwsim.networks.uncounted import Uncounted

#: Functions whose second operand are weights, even where the first does not come from the input:
#: the state before the first step, learned queries.
_LAYERS: Final = re.compile(
    r"linear|bilinear|conv(_transpose)?[123]d|convolution|multi_head_attention_forward"
    r"|(lstm|gru|rnn_tanh|rnn_relu)(_cell)?"
)
#: Operators of torch that multiply matrices in a way that nobody here knows.
_MULTIPLIES: Final = re.compile(r"(^|_)(mm|bmm|matmul|linear|conv\w*)(_|$)|pack_mm|matmul_4bit")
_TRANSFORMS: Final = re.compile(r"_fft_|_cdist_forward")


class Recorder(TorchDispatchMode):  # type: ignore[misc]
    """Sees every operator of a run, below all functions and modules.

    Parameters
    ----------
    module : torch.nn.Module
        What is run.
    measures, masks : bool
        Whether zeros of the layers' inputs are counted, and whether it is kept where they are.
    """

    def __init__(self, module: Any, measures: bool = False, masks: bool = False) -> None:
        super().__init__()
        self.calls = Calls()
        self.measures = measures
        self.masks = masks
        self.origins = Origins(module)
        self.frames = Frames()
        parts = module.modules()
        self.context = LayerContext(any(isinstance(each, torch.jit.ScriptModule) for each in parts))
        self.claimed: set[str] = set()
        self.left_out: list[Uncounted] = []
        self._arrays: dict[tuple[Any, ...], Any] = {}
        self._padded = WeakTensorKeyDictionary()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operator, and take it if it is a layer."""
        kwargs = kwargs or {}
        name = func.__name__.split(".")[0]
        taker = TAKERS.get(name) if func.namespace == "aten" else None
        if taker is None:
            with self:
                parts = func.decompose(*args, **kwargs)
            if parts is not NotImplemented:
                return parts
            self._refuse(func, name, (args, kwargs))
        result = func(*args, **kwargs)
        self.origins.follow(func, (args, kwargs), result)
        if taker is not None and taker(self, _positional(func, args, kwargs), result):
            self.origins.compute(result)
        elif name == "constant_pad_nd":
            self._note_padding(args, result)
        elif _TRANSFORMS.search(name):
            self._leave_out(name, args, result)
        return result

    def take(self, layer: Layer, vectors: Callable[[], Any] | None = None) -> None:
        """Count a call of a layer; its input as (positions, channels), if that can be seen."""
        if self.measures and vectors is not None:
            layer = measured(layer, vectors(), self.masks)
        self.calls.add(layer)

    def prepares(self, streams: Any) -> bool:
        """Whether an operation makes weights of weights, which no machine runs for a sample."""
        return self.origins.of(streams).kind != "activation" and not self.context.inside

    def weight_name(self, weight: Any, operation: str) -> str:
        """Name the layer of a weight, and claim the arrays that it comes from."""
        sources = self.origins.of(weight).sources
        self.claimed |= sources
        same = [name for each in sources for name in self._aliases(each)]
        return self.frames.of_weights(same, operation)

    def array(self, weight: Any) -> Any:
        """Give the elements of a weight; once for each parameter."""
        key = storage(weight)
        if key not in self.origins.names:
            return as_floats(weight)
        view = (
            key,
            weight._version,
            weight.storage_offset(),
            weight.dtype,
            tuple(weight.shape),
            weight.stride(),
        )
        if view not in self._arrays:
            self._arrays[view] = as_floats(weight)
        return self._arrays[view]

    def unpadded(self, given: Any, rank: int) -> tuple[list[int], list[int], list[int]]:
        """Give the size of an input before zeros were put around it, and how many."""
        known = self._padded.get(given)
        if known is None or len(known[0]) != rank:
            return [int(each) for each in given.shape[2:]], [0] * rank, [0] * rank
        size, before, after = known
        return list(size), list(before), list(after)

    def _aliases(self, source: str) -> list[str]:
        return next((names for names in self.origins.names.values() if source in names), [source])

    def _note_padding(self, args: Any, result: Any) -> None:
        given, pads, *value = args
        pairs = [(pads[i], pads[i + 1]) for i in range(0, len(pads), 2)][::-1]
        rank = given.dim() - 2
        if (value and value[0] != 0) or len(pairs) > rank or min(map(min, pairs)) < 0:
            return
        pairs = [(0, 0)] * (rank - len(pairs)) + pairs
        before, after = zip(*pairs, strict=True)
        self._padded[result] = (tuple(map(int, given.shape[2:])), before, after)

    def _refuse(self, func: Any, name: str, given: Any) -> None:
        """Refuse an operator that has weights and is not known."""
        args, kwargs = given
        wide = any(
            tensor.dim() > 1 and self.origins.of(tensor).kind == "weight"
            for tensor in tensors_of((args, kwargs))
        )
        packed = any(isinstance(each, torch.ScriptObject) for each in args)
        foreign = func.namespace not in ("aten", "prim", "prims")
        if (foreign and (wide or packed)) or (not foreign and _MULTIPLIES.search(name)):
            advice = (
                "give the network before it was converted"
                if packed or func.namespace == "quantized"
                else "write the operation with torch's own functions"
            )
            raise InputError(
                f"operator {func.namespace}.{name} has weights and is not known; {advice}"
            )

    def _leave_out(self, name: str, args: Any, result: Any) -> None:
        shape = tuple(tensors_of(result)[0].shape)
        if name.startswith("_cdist"):
            macs = args[0].shape[-1] * int(tensors_of(result)[0].numel())
            label = self.frames.of_operation("cdist")
            self.left_out.append(Uncounted(label, shape, "operator that was not taken", macs))
            return
        self.left_out.append(
            Uncounted(self.frames.of_operation("fft"), shape, "operator without weights")
        )


class LayerContext(TorchFunctionMode):  # type: ignore[misc]
    """Knows whether a function runs whose weights are those of a layer.

    Parameters
    ----------
    always : bool
        For TorchScript, whose functions run unseen.
    """

    def __init__(self, always: bool) -> None:
        super().__init__()
        self._depth = int(always)

    @property
    def inside(self) -> bool:
        """Whether one runs."""
        return self._depth > 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run a function."""
        name = getattr(func, "__name__", "").split(".")[0]
        layer = _LAYERS.fullmatch(name) is not None
        self._depth += layer
        try:
            return func(*args, **(kwargs or {}))
        finally:
            self._depth -= layer


def _positional(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Put arguments that were given by name where they stand."""
    names = [each.name for each in func._schema.arguments]
    return (*args, *(kwargs[name] for name in names[len(args) :] if name in kwargs))
