"""YodaNN: cycles and counts of convolutions with weights of one bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hwsim.activity import ACTIVATIONS, OUTPUTS, PARTIAL_SUMS, WEIGHTS, ActionKey, Activity
from hwsim.engines.protocol import Engine
from hwsim.engines.yodann.passes import Image, Pass, pass_cycles, passes, sums_of_output, tiles
from hwsim.engines.yodann.sizes import STREAMING, YodannSizes, refuse
from hwsim.pace import Pace

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.workload import Workload

DRAM_READ: Final = ActionKey("DRAM", "Memory", "READ")
DRAM_WRITE: Final = ActionKey("DRAM", "Memory", "WRITE")
#: Results of blocks of channels are added outside of the chip.
DRAM_ADD: Final = ActionKey("DRAM", "Adder", "ADD", PARTIAL_SUMS)
LOAD: Final = ActionKey("ImageMemory", "Memory", "READ", ACTIVATIONS)
STORE: Final = ActionKey("ImageMemory", "Memory", "WRITE", ACTIVATIONS)
SHIFT: Final = ActionKey("ImageBank", "Windows", "SHIFT", ACTIVATIONS)
SEND: Final = ActionKey("ImageBank", "Wire", "SEND", ACTIVATIONS)
WEIGHT_WRITE: Final = ActionKey("FilterBank", "Weights", "WRITE", WEIGHTS)
WEIGHT_READ: Final = ActionKey("FilterBank", "Weights", "READ", WEIGHTS)
WEIGHT_ROTATE: Final = ActionKey("FilterBank", "Weights", "ROTATE", WEIGHTS)
NEGATE: Final = ActionKey("SoP", "Operator", "NEGATE")
ADD: Final = ActionKey("SoP", "Adder", "ADD", PARTIAL_SUMS)
SUM_ADD: Final = ActionKey("ChannelSummer", "Adder", "ADD", PARTIAL_SUMS)
SUM_WRITE: Final = ActionKey("ChannelSummer", "Register", "WRITE", PARTIAL_SUMS)
SCALE: Final = ActionKey("ScaleBias", "Multiplier", "MULTIPLY", OUTPUTS)
BIAS: Final = ActionKey("ScaleBias", "Adder", "ADD", OUTPUTS)


class YodannEngine(Engine):
    """Cycles and accesses of YodaNN, in closed form.

    Zeros save it nothing: neither of weights, of which the chip has none, nor of activations.
    """

    name = "yodann"
    compares_schemes = False
    options = MappingProxyType({"streaming": STREAMING})

    def check(self, arch: Arch) -> None:
        """Refuse a machine without the parameters of a YodaNN."""
        YodannSizes.of(arch)

    def key(self, workload: Workload) -> Hashable:
        """Identify shape, window and coding; neither levels nor zeros matter."""
        operands = workload.operands
        return (
            workload.shape,
            workload.effectual_weights,
            workload.streams,
            workload.coding,
            workload.window,
            operands,
        )

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Evaluate a lowered layer.

        Parameters
        ----------
        workload : Workload
            The layer; a linear one runs as a convolution with windows of one pixel.
        arch : Arch
            With the parameters of :class:`~hwsim.engines.yodann.sizes.YodannSizes`.

        Returns
        -------
        Activity
            ``levels`` of the SoPs' additions count from the products; ``statistics`` say what
            leaves operators idle.

        Raises
        ------
        InputError
            As :meth:`check`; for weights that the SoPs do not take, and dilated windows.
        """
        sizes = YodannSizes.of(arch)
        refuse(workload, arch)
        image = Image.of(workload)
        cycles = 0
        counts: Counter[ActionKey] = Counter()
        levels: Counter[int] = Counter()
        for one in passes(workload, sizes):
            cycles += one.times * pass_cycles(one, image, sizes)
            counts += _counts(one, image, sizes)
            for level, additions in enumerate(tree_levels(one.products)):
                times = image.windows * one.channels * one.filters * one.times
                levels[level] += additions * times
        counts[ADD] = sum(levels.values())
        counts += _outputs(workload, sizes)
        return Activity(
            engine=self.name,
            cycles=cycles,
            counts=counts,
            instances=_instances(sizes),
            macs=workload.macs,
            effectual_macs=workload.effectual_macs,
            utilization=workload.macs / (sizes.sops * sizes.operators * cycles),
            statistics={"idle": _idle(workload, sizes)},
            levels={ADD: tuple(levels[level] for level in range(len(levels)))} if levels else {},
            pace=Pace(1.0, zeros="yodann works at zeros as at other weights"),
        )


def _idle(workload: Workload, sizes: YodannSizes) -> str:
    """Say what leaves operators without work, by the largest piece of the window."""
    one = next(passes(workload, sizes))
    used = one.products * sizes.filters_of_sop(one.products)
    waits = "; SoPs wait for the one stream in" if sizes.waited else ""
    size = " x ".join(map(str, one.kernel))
    return f"a window of {size} takes {used} of {sizes.operators} operators{waits}"


def tree_levels(products: int) -> list[int]:
    """Count the additions of a tree over so many products, level by level; an odd one passes."""
    levels = []
    while products > 1:
        levels.append(products // 2)
        products = -(-products // 2)
    return levels


def _counts(one: Pass, image: Image, sizes: YodannSizes) -> Counter[ActionKey]:
    """Count what all passes of a kind do on the chip, and what they ask of DRAM."""
    rows, columns = one.kernel
    number, tile_rows = tiles(image, one.kernel, sizes.image_rows)
    tops = image.output[1] * number  # columns of windows begin anew at each tile
    step = min(image.stride[0], rows)
    weights = one.channels * one.filters * one.products
    visits = image.windows * one.channels
    words = tile_rows * image.columns * one.channels
    read = (image.windows * step + tops * (rows - step)) * columns * one.channels
    found = {
        DRAM_READ._replace(operand=WEIGHTS): weights,
        DRAM_READ._replace(operand=ACTIVATIONS): words * sizes.activation_bits,
        STORE: words,
        LOAD: read,
        SHIFT: visits * one.products,
        SEND: visits * one.products,
        WEIGHT_WRITE: weights,
        WEIGHT_READ: image.windows * weights,
        WEIGHT_ROTATE: tops * weights,
        NEGATE: image.windows * weights,
        SUM_ADD: visits * one.filters,
        SUM_WRITE: visits * one.filters,
        SCALE: image.windows * one.filters,
        BIAS: image.windows * one.filters,
    }
    return Counter({key: count * one.times for key, count in found.items()})


def _outputs(workload: Workload, sizes: YodannSizes) -> Counter[ActionKey]:
    """Count the results that leave: each block of channels has its own, and all are added."""
    outputs = workload.groups * workload.filters * workload.streams
    sums = outputs * (sums_of_output(workload, sizes) - 1)
    bits = sizes.activation_bits
    return Counter(
        {
            DRAM_WRITE._replace(operand=OUTPUTS): outputs * bits,
            DRAM_WRITE._replace(operand=PARTIAL_SUMS): sums * bits,
            DRAM_READ._replace(operand=PARTIAL_SUMS): sums * bits,
            DRAM_ADD: sums,
        }
    )


def _instances(sizes: YodannSizes) -> dict[tuple[str, str], int]:
    sops, results = sizes.sops, sizes.sops * sizes.streams
    return {
        DRAM_READ[:2]: 1,
        LOAD[:2]: sizes.widest_kernel,
        SHIFT[:2]: sizes.channels,
        SEND[:2]: 1,
        WEIGHT_READ[:2]: sops,
        NEGATE[:2]: sops * sizes.operators,
        ADD[:2]: sops * (sizes.operators - 1),
        SUM_ADD[:2]: results,
        SUM_WRITE[:2]: results,
        SCALE[:2]: sizes.streams,
        BIAS[:2]: sizes.streams,
    }
