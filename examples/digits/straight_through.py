"""Quantised convolutions that are trained through latent float weights.

The gradient rule is that of the released PLUM code (github sachitkuhar/PLUM,
``quant/binary/ste.py``): the gradient of the quantised weight goes to the latent one unchanged,
clamped to [-1, 1], and is zero where the latent weight has left [-1, 1]. (That code also holds an
error-decay estimator, but does not use it.)
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

Quantizer = Callable[[Tensor], Tensor]


def full_precision(latent: Tensor) -> Tensor:
    """Use the weights as they are."""
    return latent


def binary(latent: Tensor) -> Tensor:
    """Quantise to the sign, sign(0) = +1; ``binary:scale=one`` of hwsim."""
    return torch.where(latent >= 0, 1.0, -1.0)


def signed_binary(latent: Tensor) -> Tensor:
    """Quantise to {0, +1} in the first half of the filters and {0, -1} in the others.

    ``signed-binary`` of hwsim with its defaults: the threshold is 0.05 times the largest
    magnitude of the filter.
    """
    threshold = 0.05 * latent.abs().amax(dim=(1, 2, 3), keepdim=True)
    positive = (latent >= threshold).to(latent.dtype)
    negative = (latent <= -threshold).to(latent.dtype)
    half = len(latent) // 2
    return torch.cat([positive[:half], -negative[half:]])


class StraightThrough(torch.autograd.Function):
    """Quantise forwards, hand the gradient through backwards."""

    @staticmethod
    def forward(ctx, latent: Tensor, quantizer: Quantizer) -> Tensor:
        """Quantise the latent weights."""
        ctx.save_for_backward(latent)
        return quantizer(latent)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        """Hand the clamped gradient to the latent weights that are within [-1, 1]."""
        (latent,) = ctx.saved_tensors
        return gradient.clamp(-1, 1) * (latent.abs() <= 1), None


class QuantizedConv2d(nn.Conv2d):
    """A convolution whose latent ``weight`` is quantised in every forward pass.

    Parameters
    ----------
    channels, filters : int
        C and K; the kernel is 3 x 3 with padding 1.
    stride : int
        Of rows and columns.
    quantizer : callable
        Latent weights (K, C, 3, 3) to quantised ones.
    """

    def __init__(self, channels: int, filters: int, stride: int, quantizer: Quantizer) -> None:
        super().__init__(channels, filters, 3, stride, padding=1, bias=False)
        self.quantizer = quantizer

    def quantized_weight(self) -> Tensor:
        """Quantise the latent weights, with the straight-through gradient."""
        if self.quantizer is full_precision:
            return self.weight
        return StraightThrough.apply(self.weight, self.quantizer)

    def forward(self, images: Tensor) -> Tensor:
        """Convolve images (N, C, H, W) with the quantised weights."""
        return nn.functional.conv2d(
            images, self.quantized_weight(), stride=self.stride, padding=self.padding
        )
