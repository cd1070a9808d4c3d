"""``hwsim repetition bench``: what repetition is worth on this processor."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hwsim.cli.options import JsonOption
from hwsim.cli.request import NETWORK, takes_request

if TYPE_CHECKING:
    from hwsim.studies import Request

_SchemeOption = Annotated[
    list[str],
    typer.Option(
        metavar="NAME[:KEY=VALUE,...]",
        help="Weight scheme of few levels; repeatable. The last one is compared with the others.",
    ),
]
_SCHEMES: Final = ["binary", "ternary", "signed-binary"]


@takes_request(*NETWORK, scheme=(_SchemeOption, _SCHEMES))
def bench(
    *,
    request: Request,
    rounds: Annotated[int, typer.Option(metavar="N", help="Times taken of each layer.")] = 31,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the activations.")] = 0,
    json: JsonOption = False,
) -> None:
    """Measure layers by merged sums on one thread of this processor, beside dense products.

    The kernels are compiled for the processor, their tables made from the weights of each layer.
    Results are compared with the dense product, and times are taken in turns.

    Example: hwsim repetition bench --model resnet18.npz

    Example: hwsim repetition bench --model resnet18.npz --layers 'layer3.*' --rounds 101 --json
    """
    from hwsim.cli.output import print_json, print_report
    from hwsim.kernels import bench as measure
    from hwsim.studies.plan import Plan

    plan = Plan.of(request, kept=False)
    networks = {scheme: plan.under(scheme) for scheme in request.schemes}

    def tell(layer: str) -> None:
        if not json and sys.stderr.isatty():
            print(f"\r\033[K{layer}", end="", file=sys.stderr, flush=True)

    result = measure(networks, rounds, seed, tell)
    tell("")
    if json:
        print_json(result.to_dict())
        return
    from hwsim.reports.kernel_report import kernel_report

    for note in plan.network.notes:
        print(f"note: {note}")
    print_report(kernel_report(result))
