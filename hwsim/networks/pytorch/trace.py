"""Import a PyTorch module as a network, by running it once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from hwsim.errors import InputError, named_reason
from hwsim.networks.network import Network


def from_torch(
    module: Any,
    example_input: Any = None,
    name: str | None = None,
    measure: bool = False,
    masks: bool = False,
) -> Network:
    """Read a network from a PyTorch module: one run tells its layers, their sizes and their order.

    Everything that the run multiplies is seen, in modules and in functions: convolutions of any
    rank, transposed, grouped, dilated, with uneven padding, linear and bilinear layers, recurrent
    layers a step at a time, matrix products, and attention as products of activations. A module
    that is called twice counts twice. Weights are taken as they act: pruned, normalised,
    quantised (brevitas), merged.

    Parameters
    ----------
    module : torch.nn.Module or torch.export.ExportedProgram
        The network. It is run in evaluation mode without gradients, and left as it was.
    example_input : Tensor, tuple, list or mapping, optional
        What it is called with: one tensor, arguments in order, or arguments by name. Counts are
        of this input, a batch in whole. An exported program has its own.
    name : str, optional
        Of the network; that of the class when not given.
    measure : bool
        Whether the example input is a real one, of which the zeros that each layer sees are
        measured: their share, and by channel (``Layer.input_density``).
    masks : bool
        Whether it is kept where those zeros are (``Layer.input_masks``), too, so that engines can
        count them against the weights' zeros. The whole input is one sample.

    Returns
    -------
    Network
        Its layers in execution order, float32 copies of the weights; ``uncounted`` names every
        parameter and buffer that no layer has.

    Raises
    ------
    InputError
        If torch is not installed, it is no module, the run fails, an operation with weights is not
        known.
    """
    try:
        import torch
    except ImportError as error:
        raise InputError("from_torch needs torch: pip install 'hwsim[torch]'") from error
    from hwsim.networks.pytorch.accounts import uncounted
    from hwsim.networks.pytorch.recorder import Recorder

    if isinstance(module, torch.export.ExportedProgram):
        own_args, own_kwargs = module.example_inputs or ((), {})
        name = name or "exported"
        module = module.module()
    else:
        own_args, own_kwargs = (), {}
    module = getattr(module, "_orig_mod", module)  # what torch.compile was given
    if not isinstance(module, torch.nn.Module):
        raise InputError(f"from_torch: expected a torch.nn.Module. Got {type(module).__name__}")
    name = name or type(module).__name__
    args, kwargs = (
        _arguments(example_input) if example_input is not None else (own_args, own_kwargs)
    )
    recorder = Recorder(module, measure or masks, masks)
    with _as_in_use(module), ExitStack() as stack:
        stack.callback(recorder.frames.stop)
        recorder.frames.watch(module)
        recorder.origins.mark_input(_tensors((args, kwargs)))
        stack.enter_context(recorder)
        stack.enter_context(recorder.context)
        try:
            module(*args, **kwargs)
        except InputError as error:
            raise InputError(f"{name}: {error}") from error
        except Exception as error:
            raise InputError(
                f"{name}: cannot be run on the example input: {named_reason(error)[:300]}"
            ) from error
    layers = recorder.calls.layers()
    if not layers:
        raise InputError(f"{name}: nothing of it multiplies with weights or activations")
    return Network(
        name=name,
        layers=layers,
        topology="torch",
        uncounted=(
            *recorder.left_out,
            *uncounted(module, recorder.claimed, recorder.origins.met),
        ),
        notes=tuple(_notes(args, kwargs, measure, masks)),
        provenance=f"PyTorch {torch.__version__}, {type(module).__name__}",
    )


def _arguments(example: Any) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    if isinstance(example, Mapping):
        return (), example
    if isinstance(example, tuple | list):
        return tuple(example), {}
    return (example,), {}


def _tensors(tree: Any) -> list[Any]:
    from hwsim.networks.pytorch.origins import tensors_of

    return tensors_of(tree)


def _notes(args: Any, kwargs: Any, measure: bool, masks: bool) -> Iterator[str]:
    sizes = ["x".join(map(str, tensor.shape)) for tensor in _tensors((args, kwargs))]
    if sizes:
        yield f"shapes are for input {', '.join(sizes)}"
    if measure or masks:
        where = ", and kept where they are" if masks else ""
        yield f"zeros of the layers' inputs are measured on this input{where}"


@contextmanager
def _as_in_use(module: Any) -> Iterator[None]:
    """Let a module evaluate without gradients, and without kernels that are whole blocks."""
    import torch

    training = {path: each.training for path, each in module.named_modules()}
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with suppress(NotImplementedError):  # a module of torch.export is as it was exported
            module.eval()
        with torch.no_grad():
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)
        for path, each in module.named_modules():
            each.training = training[path]
