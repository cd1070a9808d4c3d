"""The options that commands share become a request, in one place."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from hwsim.cli import options

if TYPE_CHECKING:
    from hwsim.studies import Request

_REQUIRED: Final = inspect.Parameter.empty
#: Every option that is a field of a request, with its default.
_OPTIONS: Final[dict[str, tuple[Any, Any]]] = {
    "model": (options.ModelOption, _REQUIRED),
    "arch": (options.ArchOption, "sigma"),
    "scheme": (options.SchemeOption, "dense"),
    "layers": (options.LayersOption, None),
    "quantize_layers": (options.QuantizeLayersOption, None),
    "topology": (options.TopologyOption, None),
    "input_size": (options.InputSizeOption, None),
    "skip": (options.SkipOption, None),
    "take": (options.TakeOption, None),
    "transpose": (options.TransposeOption, None),
    "unpack": (options.UnpackOption, None),
    "tokens": (options.TokensOption, None),
    "inputs": (options.GraphInputOption, None),
    "values": (options.GraphValueOption, None),
    "key": (options.KeyOption, None),
    "layout": (options.LayoutOption, "torch"),
    "energy": (options.EnergyOption, None),
    "settings": (options.SetOption, None),
    "density": (options.DensityOption, "actual"),
    "activation_density": (options.ActivationDensityOption, 1.0),
    "activations": (options.ActivationsOption, None),
    "equal_area": (options.EqualAreaOption, False),
    "engine": (options.EngineOption, None),
    "program": (options.ProgramOption, None),
    "docker": (options.DockerOption, None),
    "timeout": (options.TimeoutOption, 3600),
}
_ARRAYS: Final = ("skip", "take", "transpose", "unpack", "tokens", "key", "layout")
_FILE: Final = (*_ARRAYS, "inputs", "values")
#: What weights are that do not say it themselves.
WEIGHTS: Final = ("topology", "input_size", *_FILE)
_GEOMETRY: Final = ("layers", "quantize_layers", *WEIGHTS)
#: The options of a command that evaluates nothing but a machine and matrices.
MACHINE: Final = ("arch", "settings")
#: The options of a command that takes a network under one scheme.
NETWORK: Final = ("model", "scheme", *_GEOMETRY)
#: The options of a command that takes a network to a machine.
NETWORK_ON_MACHINE: Final = ("model", "arch", "scheme", *_GEOMETRY, "settings")
#: What is known of the inputs of layers.
INPUTS: Final = ("activations", "activation_density")
#: Where the program of another tool is.
PROGRAM: Final = ("program", "docker", "timeout")


_Command = Callable[..., None]


def takes_request(*names: str, **own: tuple[Any, Any]) -> Callable[[_Command], _Command]:
    """Give a command the shared options in place of its parameter ``request``.

    Parameters
    ----------
    *names : str
        Of the shared options, in the order of the help.
    **own : (annotation, default)
        Options that the command words otherwise.

    Returns
    -------
    callable
        A decorator. The command has only keyword parameters; where ``request`` stands among
        them, the shared options stand in the help.
    """
    return _takes("request", lambda shared: request_of(**shared), names, own)


def takes_options(*names: str, **own: tuple[Any, Any]) -> Callable[[_Command], _Command]:
    """Give a command the shared options as they were given, in place of its parameter ``given``.

    Parameters
    ----------
    *names, **own
        As for :func:`takes_request`; what a request cannot hold, several machines, the command
        reads itself.
    """
    return _takes("given", dict, names, own)


def _takes(
    place: str,
    take: Callable[[dict[str, Any]], Any],
    names: tuple[str, ...],
    own: dict[str, tuple[Any, Any]],
) -> Callable[[_Command], _Command]:
    def decorate(command: _Command) -> _Command:
        def called(**arguments: Any) -> None:
            shared = {name: arguments.pop(name) for name in names}
            command(**{place: take(shared)}, **arguments)

        parameters = list(_parameters(command, place, names, own))
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {each.name: each.annotation for each in parameters}
        called.__name__, called.__doc__ = command.__name__, command.__doc__
        return called

    return decorate


def _parameters(
    command: _Command, place: str, names: tuple[str, ...], own: dict[str, tuple[Any, Any]]
) -> Iterator[inspect.Parameter]:
    signature = inspect.signature(command)
    texts = {name: each.annotation for name, each in signature.parameters.items()}
    del texts[place]  # known to type checkers only, so that --help loads no study
    annotated = get_type_hints(
        SimpleNamespace(__annotations__=texts), command.__globals__, include_extras=True
    )
    for name, parameter in signature.parameters.items():
        if name != place:
            yield parameter.replace(annotation=annotated[name])
            continue
        for shared in names:
            annotation, default = own.get(shared, _OPTIONS[shared])
            yield inspect.Parameter(
                shared, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
            )


def request_of(**shared: Any) -> Request:
    """Build the request that the options ask for; the fields of both are called alike."""
    from hwsim.arch import parse_overrides
    from hwsim.networks.arrays.options import LISTS
    from hwsim.studies import Request

    fields = dict(shared)
    fields["overrides"] = parse_overrides(fields.pop("settings", None) or [])
    fields["input_size"] = options.parse_input_size(fields.pop("input_size", None))
    fields.update({name: fields[name] or () for name in LISTS if name in fields})
    scheme = fields.pop("scheme", None)
    if scheme:
        fields["schemes"] = scheme if isinstance(scheme, list) else [scheme]
    if "timeout" in fields:
        fields["timeout_s"] = fields.pop("timeout")
    return Request(**fields)
