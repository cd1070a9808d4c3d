"""Small files in the forms that people save: right by a count by hand, or refused with advice.

Arrays have as many zeros as the table says and are seeded; ``macs`` and ``nonzeros`` of all layers
are worked out by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from hwsim.errors import InputError
from hwsim.networks import load_network
from tests.networks.files import write_npz

Arrays = dict[str, np.ndarray]


@dataclass
class Case:
    """A file, how it is read, and what must come of it."""

    name: str
    arrays: Callable[[], Arrays]
    options: dict[str, Any] = field(default_factory=dict)
    layers: dict[str, tuple[int, ...]] | None = None
    macs: int = 0
    nonzeros: int = 0
    refused: str = ""
    uncounted: dict[str, int] | None = None
    topology: str | None = None
    kind: str = "npz"


def w(*shape: int, zeros: int = 0, seed: int = 0, low: float = 0.1) -> np.ndarray:
    """Weights between 0.1 and 1 in size, of either sign, the first ``zeros`` of them 0."""
    rng = np.random.default_rng(seed)
    values = rng.uniform(low, 1, shape) * rng.choice([-1, 1], shape)
    values.reshape(-1)[:zeros] = 0
    return values.astype(np.float32)


def v(n: int, value: float = 0.5) -> np.ndarray:
    return np.full(n, value, np.float32)


FC = {"fc.weight": w(4, 8, zeros=3)}


def lstm(prefix: str = "lstm.", inputs: int = 5, hidden: int = 3, gates: int = 4) -> Arrays:
    return {
        f"{prefix}weight_ih_l0": w(gates * hidden, inputs, zeros=2),
        f"{prefix}weight_hh_l0": w(gates * hidden, hidden),
        f"{prefix}bias_ih_l0": v(gates * hidden),
        f"{prefix}bias_hh_l0": v(gates * hidden),
    }


def gptq(width: int = 4, stored: int = 7) -> Arrays:
    """8 inputs, 8 filters, two groups; a third of the levels at the zero point."""
    levels = (np.arange(64).reshape(8, 8) % 3 + 7) & ((1 << width) - 1)
    word = np.zeros((8 * width // 32, 8), np.uint32)
    for row in range(8):
        word[row * width // 32] |= levels[row].astype(np.uint32) << np.uint32(row * width % 32)
    zeros = np.zeros((2, 8 * width // 32), np.uint32)
    for column in range(8):
        zeros[:, column * width // 32] |= np.uint32(stored << (column * width % 32))
    return {
        "q.qweight": word.view(np.int32),
        "q.qzeros": zeros.view(np.int32),
        "q.scales": np.full((2, 8), 0.1, np.float16),
        "q.g_idx": np.repeat(np.arange(2, dtype=np.int32), 4),
    }


def awq() -> Arrays:
    """8 inputs, 8 filters in one word a row, all zero points 8; row i has 8 in column i alone."""
    order = (0, 2, 4, 6, 1, 3, 5, 7)
    levels = np.where(np.eye(8, dtype=bool), 8, 3).astype(np.uint32)
    words = np.zeros((8, 1), np.uint32)
    for place, column in enumerate(order):
        words[:, 0] |= levels[:, column] << np.uint32(4 * place)
    eights = np.full((1, 1), 0x88888888, np.uint32)
    return {
        "q.qweight": words.view(np.int32),
        "q.qzeros": eights.view(np.int32),
        "q.scales": np.full((1, 8), 0.1, np.float16),
    }


def bitnet() -> Arrays:
    """8 filters of 6 inputs, four to a byte: 0, 1, 2 for -1, 0, 1; a third are zeros."""
    levels = np.arange(48).reshape(8, 6) % 3
    packed = sum(levels[2 * part : 2 * part + 2] << (2 * part) for part in range(4))
    return {"q.weight": packed.astype(np.uint8), "q.weight_scale": np.array([0.3], np.float32)}


def compressed() -> Arrays:
    """4 filters of 8 inputs in words of eight 4-bit levels, 8 for 0; a level a column 0..7 + 5."""
    levels = np.tile(np.arange(8, dtype=np.uint32) + 5, (4, 1))
    words = np.zeros((4, 1), np.uint32)
    for column in range(8):
        words[:, 0] |= levels[:, column] << np.uint32(4 * column)
    return {
        "q.weight_packed": words.view(np.int32),
        "q.weight_scale": np.full((4, 2), 0.1, np.float32),
        "q.weight_shape": np.array([4, 8]),
    }


def levels(*shape: int, dtype: str = "i1", top: int = 100) -> np.ndarray:
    """Levels 0, 1, 2, ... up to ``top`` and from -top on again."""
    flat = (np.arange(np.prod(shape)) * 7) % (2 * top + 1) - top
    return flat.reshape(shape).astype(dtype)


CONV = """\
name: small
source: made up
input: {channels: 3, size: [6, 5]}
quantized_layers: null
layers:
  - {conv: c, filters: 4, kernel: 3, padding: 1}
  - {adaptive_pool: p, size: 1}
  - {linear: fc, features: 2}
"""
SMALL = {"c.weight": w(4, 3, 3, 3, zeros=8), "fc.weight": w(2, 4)}
SMALL_LAYERS = {"c": (4, 3, 3, 3), "fc": (2, 4)}
#: 4 x 27 x 30 positions + 2 x 4; 108 + 8 - 8 weights that are not zero
SMALL_MACS, SMALL_NONZEROS = 4 * 27 * 30 + 8, 108

#: v and g of weight_norm: rows of ``v`` are scaled to the norms ``g``.
NORMED_V = w(4, 8, zeros=5)

CASES = [
    # -- what has always been right
    Case("linear", lambda: FC, layers={"fc": (4, 8)}, macs=32, nonzeros=29, uncounted={}),
    Case("linear, safetensors", lambda: FC, layers={"fc": (4, 8)}, macs=32, nonzeros=29,
         kind="safetensors"),
    Case("bare module", lambda: {"weight": w(4, 8), "bias": v(4)}, layers={"weight": (4, 8)},
         macs=32, nonzeros=32, uncounted={"bias": 1}),
    Case("convolution with its topology", lambda: SMALL, layers=SMALL_LAYERS, macs=SMALL_MACS,
         nonzeros=SMALL_NONZEROS, topology=CONV),
    Case("half floats", lambda: {"fc.weight": w(4, 8, zeros=3).astype("f2")},
         layers={"fc": (4, 8)}, macs=32, nonzeros=29),
    # -- recurrent layers
    Case("LSTM beside Linear", lambda: {**lstm(), **FC},
         layers={"lstm.weight_ih_l0": (12, 5), "lstm.weight_hh_l0": (12, 3), "fc": (4, 8)},
         macs=60 + 36 + 32, nonzeros=58 + 36 + 29, uncounted={"bias": 2}),
    Case("LSTM of 10 steps", lambda: {**lstm(), **FC}, {"tokens": "lstm.*=10"},
         layers={"lstm.weight_ih_l0": (12, 5), "lstm.weight_hh_l0": (12, 3), "fc": (4, 8)},
         macs=600 + 360 + 32, nonzeros=58 + 36 + 29),
    Case("GRU, both directions", lambda: {
            **lstm("gru.", gates=3), "gru.weight_ih_l0_reverse": w(9, 5),
            "gru.weight_hh_l0_reverse": w(9, 3)},
         layers={"gru.weight_ih_l0": (9, 5), "gru.weight_hh_l0": (9, 3),
                 "gru.weight_ih_l0_reverse": (9, 5), "gru.weight_hh_l0_reverse": (9, 3)},
         macs=2 * (45 + 27), nonzeros=2 * (45 + 27) - 2),
    Case("LSTM with projection", lambda: {**lstm(), "lstm.weight_hr_l0": w(2, 3)},
         layers={"lstm.weight_ih_l0": (12, 5), "lstm.weight_hh_l0": (12, 3),
                 "lstm.weight_hr_l0": (2, 3)}, macs=60 + 36 + 6, nonzeros=58 + 36 + 6),
    Case("LSTMCell", lambda: {"cell.weight_ih": w(8, 3), "cell.weight_hh": w(8, 2)},
         layers={"cell.weight_ih": (8, 3), "cell.weight_hh": (8, 2)}, macs=40, nonzeros=40),
    # -- weights in parts
    Case("weight_norm", lambda: {"fc.weight_g": w(4, 1), "fc.weight_v": NORMED_V, "fc.bias": v(4)},
         layers={"fc": (4, 8)}, macs=32, nonzeros=27, uncounted={"bias": 1}),
    Case("weight_norm, parametrised", lambda: {
            "fc.parametrizations.weight.original0": w(4, 1),
            "fc.parametrizations.weight.original1": NORMED_V},
         layers={"fc": (4, 8)}, macs=32, nonzeros=27),
    Case("weight_norm of an LSTM", lambda: {
            "r.weight_hh_l0_g": w(8, 1), "r.weight_hh_l0_v": w(8, 2), "r.weight_ih_l0": w(8, 3)},
         layers={"r.weight_hh_l0": (8, 2), "r.weight_ih_l0": (8, 3)}, macs=40, nonzeros=40),
    Case("weight_norm over a convolution", lambda: {
            "c.weight_g": w(4, 1, 1, 1), "c.weight_v": w(4, 3, 3, 3, zeros=8),
            "fc.weight": w(2, 4)},
         layers=SMALL_LAYERS, macs=SMALL_MACS, nonzeros=SMALL_NONZEROS, topology=CONV),
    Case("weight_norm of other shapes", lambda: {
            "fc.weight_g": w(3, 1), "fc.weight_v": NORMED_V},
         refused="fc.weight is made of parts that do not fit each other (3x1, 4x8)"),
    Case("half of weight_norm", lambda: {"fc.weight_v": NORMED_V, "a.weight": w(2, 2)},
         refused="what are fc.weight_v (4x8)? "),
    Case("spectral_norm", lambda: {
            "fc.weight_orig": NORMED_V, "fc.weight_u": v(4), "fc.weight_v": v(8)},
         layers={"fc": (4, 8)}, macs=32, nonzeros=27),
    Case("spectral_norm, parametrised", lambda: {
            "fc.parametrizations.weight.original": NORMED_V,
            "fc.parametrizations.weight.0._u": v(4), "fc.parametrizations.weight.0._v": v(8)},
         layers={"fc": (4, 8)}, macs=32, nonzeros=27),
    Case("orthogonal parametrisation", lambda: {
            "fc.parametrizations.weight.original": NORMED_V,
            "fc.parametrizations.weight.0.base": w(4, 8)},
         refused="belongs to a parametrisation that only the model can apply; save it after "),
    Case("pruned, in parts", lambda: {
            "fc.weight_orig": w(4, 8), "fc.weight_mask": (NORMED_V != 0).astype("f4")},
         layers={"fc": (4, 8)}, macs=32, nonzeros=27),
    Case("a mask that is not applied", lambda: {
            "fc.weight": w(4, 8), "fc.mask": (NORMED_V != 0).astype("f4")},
         refused="fc.mask has zeros where fc.weight has none: save the product of the two"),
    Case("a mask that is applied", lambda: {
            "fc.weight": NORMED_V, "fc.mask": (NORMED_V != 0).astype("f4")},
         layers={"fc": (4, 8)}, macs=32, nonzeros=27, uncounted={"buffer": 1}),
    Case("parts beside the whole", lambda: {
            "fc.weight_g": w(4, 1), "fc.weight_v": NORMED_V, "fc.weight": NORMED_V},
         refused="two arrays are 'fc.weight'; leave one out with --skip"),
    Case("the whole beside parts", lambda: {
            "fc.weight": NORMED_V, "fc.weight_g": w(4, 1), "fc.weight_v": NORMED_V},
         {"skip": "fc.weight_?"}, layers={"fc": (4, 8)}, macs=32, nonzeros=27),
    # -- integers
    Case("GPTQ", gptq, layers={"q": (8, 8)}, macs=64, nonzeros=64 - 21),  # 8 is every third of 64
    Case("GPTQ, second format", lambda: gptq(stored=8), layers={"q": (8, 8)}, macs=64,
         nonzeros=64 - 21),
    Case("GPTQ of 8 bits", lambda: gptq(8), layers={"q": (8, 8)}, macs=64, nonzeros=64 - 21),
    Case("GPTQ without scales", lambda: {k: a for k, a in gptq().items() if "scales" not in k},
         refused="GPTQ and AWQ need qweight, qzeros and scales beside each other"),
    Case("GPTQ beside a layer, without scales", lambda: {
            **{k: a for k, a in gptq().items() if "scales" not in k}, **FC},
         refused="what are q.qweight (1x8), q.qzeros (2x1)? "),
    Case("AWQ", awq, layers={"q": (8, 8)}, macs=64, nonzeros=56),
    Case("compressed-tensors", compressed, layers={"q": (4, 8)}, macs=32, nonzeros=28),
    Case("compressed-tensors with zero points", lambda: {
            **compressed(), "q.weight_zero_point": np.zeros((4, 2), np.int8)},
         refused="q.weight_packed (4x1), read as compressed-tensors: it has zero points"),
    Case("BitNet", bitnet, layers={"q": (8, 6)}, macs=48, nonzeros=32),
    Case("BitNet, unpacked by the user", lambda: {"q.weight": bitnet()["q.weight"]},
         {"unpack": "q.weight=ternary"}, layers={"q": (8, 6)}, macs=48, nonzeros=32),
    Case("uint8 with one scale that is not BitNet's", lambda: {
            "q.weight": np.full((4, 8), 255, "u1"), "q.weight_scale": v(1)},
         refused="q.weight (4x8), read as BitNet, four ternary weights a byte: holds a 3 in two"),
    Case("np.packbits", lambda: {"fc.weight": np.packbits(w(4, 16) > 0, axis=1)},
         refused="fc.weight holds uint8 from "),
    Case("np.packbits, signs", lambda: {"fc.weight": np.packbits(w(4, 16) > 0, axis=1)},
         {"unpack": "fc*=signs"}, layers={"fc": (4, 16)}, macs=64, nonzeros=64),
    Case("np.packbits, signs of a shape", lambda: {"fc.weight": np.packbits(w(4, 13) > 0, axis=1)},
         {"unpack": "fc*=signs:4x13"}, layers={"fc": (4, 13)}, macs=52, nonzeros=52),
    Case("np.packbits of all, zeros and ones", lambda: {
            "fc.weight": np.packbits(np.arange(21) % 3 == 0)},
         {"unpack": "fc*=bits:3x7"}, layers={"fc": (3, 7)}, macs=21, nonzeros=7),
    Case("np.packbits of all, beside a layer", lambda: {
            "fc.weight": w(4, 8), "fc2.weight": np.packbits(w(4, 16) > 0)},
         refused="fc2.weight has rank 1 (8); expected 3 to 5"),
    Case("np.packbits of all, told", lambda: {
            "fc.weight": w(4, 8), "fc2.weight": np.packbits(w(4, 16) > 0)},
         {"unpack": "fc2=signs:4x16"}, layers={"fc": (4, 8), "fc2": (4, 16)}, macs=96,
         nonzeros=96),
    Case("np.packbits of another name", lambda: {"fc.weight_packed": np.packbits(w(4, 16) > 0)},
         {"unpack": "fc*=signs:4x16"}, layers={"fc.weight_packed": (4, 16)}, macs=64,
         nonzeros=64),
    Case("np.packbits of another name, not told", lambda: {
            "fc.packed": np.zeros((4, 2), "u1"), **FC},
         refused="--unpack 'GLOB=FORMAT' takes packed weights apart"),
    Case("weights that were flattened", lambda: {"fc.weight": w(4, 8), "fc2.weight": w(64)},
         refused="fc2.weight has rank 1 (64); expected 3 to 5 (filters, channels, and the window) "
         "for a convolution or 2 for a linear layer; if it is packed, give --unpack"),
    Case("slopes of an activation", lambda: {"fc.weight": w(4, 8), "act.weight": w(8)},
         layers={"fc": (4, 8)}, macs=32, nonzeros=32, uncounted={"vector": 1}),
    Case("one slope", lambda: {"fc.weight": w(4, 8), "act.weight": w(1)},
         layers={"fc": (4, 8)}, macs=32, nonzeros=32, uncounted={"vector": 1}),
    Case("np.packbits of a last dimension", lambda: {
            "c.weight": np.packbits(w(4, 3, 3, 3) > 0, axis=-1), "fc.weight": w(2, 4)},
         {"unpack": "c=signs:4x3x3x3"}, layers=SMALL_LAYERS, macs=SMALL_MACS, nonzeros=108 + 8,
         topology=CONV),
    Case("np.packbits, other leading dimensions", lambda: {
            "c.weight": np.zeros((4, 3, 2, 1), "u1")},
         {"unpack": "c=signs:4x3x3x3"},
         refused="c.weight, unpacked as signs: 4x3x2x1 bytes are no 4x3x3x3 bits"),
    Case("np.packbits, rows of windows", lambda: {
            "c.weight": np.packbits((w(4, 3, 3, 3) > 0).reshape(4, 27), axis=1),
            "fc.weight": w(2, 4)},
         {"unpack": "c=signs:4x3x3x3"}, layers=SMALL_LAYERS, macs=SMALL_MACS, nonzeros=108 + 8,
         topology=CONV),
    Case("np.packbits, a wrong shape", lambda: {"fc.weight": np.zeros((4, 2), "u1")},
         {"unpack": "fc*=bits:4x17"},
         refused="fc.weight, unpacked as bits: 4x2 bytes are no 4x17 bits"),
    Case("uint8 with a zero point", lambda: {
            "fc.weight": np.arange(100, 132, dtype="u1").reshape(4, 8),
            "fc.zero_point": np.array(128), "fc.scale": np.array(0.1)},
         layers={"fc": (4, 8)}, macs=32, nonzeros=31),
    Case("uint8 with a zero point a filter", lambda: {
            "fc.weight": np.arange(100, 132, dtype="u1").reshape(4, 8),
            "fc.weight_zero_point": np.array([100, 108, 200, 200]), "fc.weight_scale": v(4)},
         layers={"fc": (4, 8)}, macs=32, nonzeros=30),
    Case("uint8 without a zero point", lambda: {
            "fc.weight": np.arange(100, 132, dtype="u1").reshape(4, 8), "fc.scale": v(4)},
         refused="fc.weight holds uint8 from 100 to 131 without a zero point: 0 may be stored as "
         "128, or several weights in a byte"),
    Case("a zero point that is none", lambda: {
            "fc.weight": np.full((4, 8), 9, "u1"), "fc.weight_zero_point": np.array("x")},
         refused="fc.weight: its zero point is no whole number"),
    Case("scales that are none", lambda: {
            "fc.weight": levels(4, 8), "fc.weight_scale": np.array(1j)},
         refused="fc.weight_scale: holds complex128; expected real numbers"),
    Case("compressed-tensors of no shape", lambda: {
            **compressed(), "q.weight_shape": np.array([0, 0])},
         refused="q.weight_packed (4x1), read as compressed-tensors: "),
    Case("GPTQ beside the weight", lambda: {**gptq(), "q.weight": w(8, 8)},
         refused="two arrays are 'q.weight'; leave one out with --skip"),
    Case("uint8, told", lambda: {"fc.weight": np.arange(100, 132, dtype="u1").reshape(4, 8)},
         {"unpack": "fc.weight=zero-point:128"}, layers={"fc": (4, 8)}, macs=32, nonzeros=31),
    Case("int8 with a scale a filter", lambda: {"fc.weight": levels(4, 8), "fc.weight_scale": v(4)},
         layers={"fc": (4, 8)}, macs=32, nonzeros=32, uncounted={}),
    Case("int8 of bitsandbytes", lambda: {"fc.weight": levels(4, 8, top=2), "fc.SCB": v(4)},
         layers={"fc": (4, 8)}, macs=32, nonzeros=25),  # every fifth of 32, from the second on
    Case("int8 with scales of another size", lambda: {
            "fc.weight": levels(4, 8), "fc.weight_scale": v(7)},
         refused="fc.weight_scale: scales 7 do not fit weights 4x8; if several weights share a"),
    Case("int8 that may hold two weights of 4 bits", lambda: {
            "fc.weight": levels(4, 8), "fc.scales": w(4, 2)},
         refused="fc.weight holds 8-bit numbers with scales by groups of inputs, as files of"),
    Case("int16 with scales by groups", lambda: {
            "fc.weight": levels(4, 8, dtype="i2"), "fc.scales": w(4, 2)},
         layers={"fc": (4, 8)}, macs=32, nonzeros=32),
    Case("int8 of two weights of 4 bits, told", lambda: {
            "fc.weight": np.full((4, 4), 0x70, "i1"), "fc.scales": w(4, 2)},
         {"unpack": "fc.weight=int4"}, layers={"fc": (4, 8)}, macs=32, nonzeros=16,
         uncounted={}),
    Case("int8 that is packed, by its bias", lambda: {
            "fc.weight": levels(4, 4), "fc.weight_scale": v(1), "fc.bias": v(8)},
         refused="fc.weight is 4x4, but its bias has 8: are several weights packed into one"),
    Case("int8 with the zero point of something", lambda: {
            "fc.weight": levels(4, 8), "fc.zero_point": np.array(7)},
         refused="fc.zero_point is not 0: is it of the weights fc.weight, or of the layer's"),
    Case("int8 of which nothing is known", lambda: {"fc.weight": levels(4, 8)},
         refused="fc.weight holds int8 from -100 to 96 and no scale: weights, or several in a "
         "number? Please say which with --unpack 'fc.weight=FORMAT'"),
    Case("int8, told", lambda: {"fc.weight": levels(4, 8)}, {"unpack": "fc=values"},
         layers={"fc": (4, 8)}, macs=32, nonzeros=32),
    Case("ternary int8", lambda: {"fc.weight": levels(4, 8, top=1)}, layers={"fc": (4, 8)},
         macs=32, nonzeros=21),  # every third of 32, from the second on
    Case("int8 of a topology", lambda: {
            "c.weight": levels(4, 3, 3, 3), "fc.weight": levels(2, 4)},
         layers=SMALL_LAYERS, macs=SMALL_MACS, nonzeros=107 + 8, topology=CONV),
    Case("bitsandbytes of 4 bits", lambda: {
            "fc.weight": levels(16, 1, dtype="u1"), "fc.weight.absmax": v(1),
            "fc.weight.quant_map": v(16)},
         refused="fc.weight is in blocks of bitsandbytes; save the model after model.dequantize()"),
    Case("int32 words", lambda: {"fc.weight": levels(4, 8, dtype="i4", top=10**9)},
         refused="which look like several weights in a word; say which with --unpack"),
    Case("uint4 in bytes", lambda: {"fc.weight": np.full((4, 4), 0x87, "u1")},
         {"unpack": "fc.weight=uint4:8"}, layers={"fc": (4, 8)}, macs=32, nonzeros=16),
    Case("bfloat16 as integers", lambda: {
            "fc.weight": (w(4, 8, zeros=3).view("u4") >> 16).astype("u2")},
         {"unpack": "fc=bfloat16"}, layers={"fc": (4, 8)}, macs=32, nonzeros=29),
    Case("bfloat16 as bytes without a type", lambda: {
            "fc.weight": (w(4, 8, zeros=3).view("u4") >> 16).astype("u2").view("V2")},
         {"unpack": "fc=bfloat16"}, layers={"fc": (4, 8)}, macs=32, nonzeros=29),
    Case("e4m3 as integers", lambda: {"fc.weight": np.arange(32, dtype="u1").reshape(4, 8)},
         {"unpack": "fc=e4m3"}, layers={"fc": (4, 8)}, macs=32, nonzeros=31),
    Case("e5m2 of the wrong size", lambda: {"fc.weight": levels(4, 8, dtype="i2")},
         {"unpack": "fc=e5m2"}, refused="fc.weight, unpacked as e5m2: holds int16; expected numb"),
    Case("a sparse matrix in parts", lambda: {
            "a.weight.indptr": np.arange(5), "a.weight.indices": np.arange(8),
            "a.weight.data": v(8), **FC},
         refused="what are a.weight.indptr (5), a.weight.indices (8), a.weight.data (8)? "),
    Case("packed weights of one dimension", lambda: {
            "a.weight_packed": np.arange(8, dtype="u1"), **FC},
         refused="what are a.weight_packed (8)? "),
    Case("a scale without its weights", lambda: {"a.weight_scale": v(8), **FC},
         refused="what are a.weight_scale (8)? "),
    Case("a scale beside floats", lambda: {"fc.weight_scale": v(4), **FC},
         layers={"fc": (4, 8)}, macs=32, nonzeros=29, uncounted={"scale": 1}),
    Case("GGML blocks", lambda: {"blk.0.ffn_up.weight": np.full((2, 18), 0x38, "u1")},
         refused="blk.0.ffn_up.weight holds uint8 from 56 to 56 without a zero point"),
    Case("GGML blocks of 4 bits, told", lambda: {
            "blk.0.ffn_up.weight": np.full((2, 18), 0x38, "u1")},
         {"unpack": "blk.*=q4_0"}, layers={"blk.0.ffn_up": (2, 32)}, macs=64, nonzeros=32),
    Case("GGML blocks of 8 bits, told", lambda: {
            "blk.0.ffn_up.weight": np.tile(np.arange(34, dtype="u1"), (2, 2))},
         {"unpack": "blk.*=q8_0"}, layers={"blk.0.ffn_up": (2, 64)}, macs=128, nonzeros=128),
    Case("GGML blocks, cut", lambda: {"blk.0.ffn_up.weight": np.zeros((2, 17), "u1")},
         {"unpack": "blk.*=q4_0"}, refused="expected uint8, rows of blocks of 18 bytes"),
    Case("an unknown format", lambda: FC, {"unpack": "fc.weight=q9"},
         refused="unpack 'fc.weight=q9': no format 'q9'"),
    # -- several networks in a file
    Case("EMA beside", lambda: {**FC, "ema.fc.weight": w(4, 8)},
         refused="holds several networks or copies of one: ema (1 arrays) and 1 arrays beside; "
         "choose with --key ema, or leave out with --skip '*ema.*' (--key '*' counts all)"),
    Case("EMA left out", lambda: {**FC, "ema.fc.weight": w(4, 8)}, {"skip": "ema.*"},
         layers={"fc": (4, 8)}, macs=32, nonzeros=29, uncounted={"skipped by the user": 1}),
    Case("a teacher left out in a nest", lambda: {
            "state_dict/teacher.fc.weight": w(4, 8), "state_dict/fc.weight": w(2, 8)},
         {"skip": "*teacher.*"}, layers={"fc": (2, 8)}, macs=16, nonzeros=16),
    Case("EMA chosen", lambda: {**FC, "ema.fc.weight": w(4, 8)}, {"key": "ema"},
         layers={"fc": (4, 8)}, macs=32, nonzeros=32, uncounted={"outside the key": 1}),
    Case("teacher and student", lambda: {
            "teacher.fc.weight": w(4, 8), "student.fc.weight": w(2, 8)},
         refused="networks or copies of one: teacher (1 arrays), student (1 arrays); choose"),
    Case("momentum encoder in a wrapper", lambda: {
            "module.encoder_q.fc.weight": w(4, 8), "module.encoder_k.fc.weight": w(4, 8)},
         refused="encoder_k (1 arrays) and 1 arrays beside; choose with --key encoder_k"),
    Case("teacher deeper in the names", lambda: {
            "state_dict/model.teacher.fc.weight": w(4, 8), "state_dict/model.fc.weight": w(4, 8)},
         refused="model.teacher (1 arrays) and 1 arrays beside; choose with --key model.teacher"),
    Case("a teacher chosen deeper in the names", lambda: {
            "state_dict/model.teacher.fc.weight": w(4, 8), "state_dict/model.fc.weight": w(2, 8)},
         {"key": "model.teacher"}, layers={"fc": (4, 8)}, macs=32, nonzeros=32,
         uncounted={"outside the key": 1}),
    Case("a key with copies inside", lambda: {
            "state_dict/teacher.fc.weight": w(4, 8), "state_dict/student.fc.weight": w(2, 8)},
         {"key": "state_dict"}, refused="teacher (1 arrays), student (1 arrays); choose with"),
    Case("a key in two places", lambda: {"a/ema/fc.weight": w(4, 8), "b/ema/fc.weight": w(4, 8)},
         {"key": "ema"}, refused="key 'ema': stands in several places (a.ema, b.ema); give one"),
    Case("all of them", lambda: {"teacher.fc.weight": w(4, 8), "student.fc.weight": w(2, 8)},
         {"key": "*"}, layers={"teacher.fc": (4, 8), "student.fc": (2, 8)}, macs=48, nonzeros=48),
    Case("twins of unknown names", lambda: {
            f"{which}.{fc}.weight": w(4, 4) for which in ("old", "new") for fc in ("a", "b")},
         refused="old (2 arrays), new (2 arrays); choose with --key old"),
    Case("blocks that differ by number", lambda: {
            f"block{which}.{fc}.weight": w(4, 4) for which in (1, 2) for fc in ("a", "b")},
         layers={"block1.a": (4, 4), "block1.b": (4, 4), "block2.a": (4, 4), "block2.b": (4, 4)},
         macs=64, nonzeros=64),
    Case("two layers of one shape", lambda: {"up.weight": w(4, 4), "down.weight": w(4, 4)},
         layers={"up": (4, 4), "down": (4, 4)}, macs=32, nonzeros=32),
    Case("an average in a wrapper", lambda: {
            "n_averaged": np.array(3), "module.fc.weight": w(4, 8)},
         layers={"fc": (4, 8)}, macs=32, nonzeros=32, uncounted={"vector": 1}),
    Case("an EMA alone", lambda: {"ema.fc.weight": w(4, 8)}, layers={"fc": (4, 8)}, macs=32,
         nonzeros=32),
    Case("state of an optimiser", lambda: {
            "state_dict/fc.weight": w(4, 8), "optimizer/state/0/exp_avg": w(4, 8),
            "optimizer/state/0/exp_avg_sq": w(4, 8), "epoch": np.array(3)},
         layers={"fc": (4, 8)}, macs=32, nonzeros=32,
         uncounted={"optimiser state": 2, "vector": 1}),
    Case("two state dicts", lambda: {
            "generator/a.weight": w(4, 8), "discriminator/a.weight": w(4, 8)},
         refused="generator (1 arrays), discriminator (1 arrays); choose with --key generator"),
    Case("nested twice", lambda: {"a/state_dict/fc.weight": w(4, 8), "a/fc.weight": w(1, 8)},
         {"key": "a/state_dict"}, layers={"fc": (4, 8)}, macs=32, nonzeros=32),
    Case("a key that is none", lambda: {"model_state/fc.weight": w(4, 8)}, {"key": "model_stat"},
         refused="key 'model_stat': nothing is under it; did you mean 'model_state'?"),
    Case("a key that is nothing like any", lambda: {"a/b/fc.weight": w(4, 8)}, {"key": "zzzz"},
         refused="key 'zzzz': nothing is under it; known: a"),
    # -- tables
    Case("embedding", lambda: {"embed_tokens.weight": w(32, 8), **FC}, layers={"fc": (4, 8)},
         macs=32, nonzeros=29, uncounted={"look-up": 1}),
    Case("tied embedding and head", lambda: {
            "embed_tokens.weight": w(32, 8), "lm_head.weight": w(32, 8)},
         layers={"lm_head": (32, 8)}, macs=256, nonzeros=256, uncounted={"look-up": 1}),
    Case("an embedding taken as the head", lambda: {"wte.weight": w(32, 8), **FC},
         {"take": "wte"}, layers={"wte": (32, 8), "fc": (4, 8)}, macs=256 + 32,
         nonzeros=256 + 29),
    Case("a table that is read like a layer", lambda: {"embed.weight": w(8, 3), **FC},
         refused="what are embed.weight (8x3)? "),
    Case("a layer that is called like a table", lambda: {
            "in.weight": w(6, 3), "in.bias": v(6), "shared.0.weight": w(5, 6),
            "out.weight": w(2, 5)},
         refused="what are shared.0.weight (5x6)? "),
    Case("a table that a norm reads", lambda: {
            "embed.weight": w(4, 6), "ln.weight": v(6), "ln.bias": v(6), "out.weight": w(2, 4)},
         layers={"out": (2, 4)}, macs=8, nonzeros=8, uncounted={"norm": 2, "look-up": 1}),
    Case("positions and tokens", lambda: {
            "pos_embed": w(1, 5, 8), "cls_token": w(1, 1, 8), **FC},
         layers={"fc": (4, 8)}, macs=32, nonzeros=29,
         uncounted={"positional table": 1, "learned token": 1}),
    Case("arr_0 beside a positional table", lambda: {
            "arr_0": w(8, 8), "arr_1": w(8, 4), "pos_embed.weight": w(5, 8)},
         refused="its arrays are arr_0, arr_1, pos_embed.weight; --take GLOB takes those that are"),
    Case("arr_0, taken", lambda: {"arr_0": w(8, 8), "arr_1": w(4, 8), "arr_2": v(4)},
         {"take": "arr_?"}, layers={"arr_0": (8, 8), "arr_1": (4, 8)}, macs=96, nonzeros=96),
    # -- other layouts
    Case("GPT-2's weights", lambda: {
            "h.0.attn.c_attn.weight": w(8, 24), "h.0.attn.c_attn.bias": v(24),
            "h.0.attn.c_proj.weight": w(8, 8), "h.0.attn.c_proj.bias": v(8)},
         refused="h.0.attn.c_attn.weight is 8x24, but its bias has 24: stored as inputs x "
         "filters? Give --transpose '*c_attn'"),
    Case("GPT-2's weights without biases", lambda: {
            "h.0.attn.c_attn.weight": w(8, 24), "h.0.attn.c_proj.weight": w(8, 8)},
         refused="is 8x24, but 24 are its queries, keys and values: stored as inputs x filters? "
         "Give --transpose '*c_attn'"),
    Case("GPT-2's weights, turned", lambda: {
            "h.0.attn.c_attn.weight": w(8, 24, zeros=2), "h.0.attn.c_attn.bias": v(24),
            "h.0.attn.bias": np.tril(np.ones((1, 1, 4, 4))), "wpe.weight": w(4, 8)},
         {"transpose": "*c_attn"}, layers={"h.0.attn.c_attn": (24, 8)}, macs=192, nonzeros=190,
         uncounted={"bias": 1, "buffer": 1, "positional table": 1}),
    Case("Keras", lambda: {"dense/kernel:0": w(8, 4, zeros=3), "dense/bias:0": v(4),
            "bn/gamma:0": v(4), "bn/moving_variance:0": v(4)},
         {"layout": "keras"}, layers={"dense": (4, 8)}, macs=32, nonzeros=29,
         uncounted={"bias": 1, "norm": 1, "running statistics": 1}),
    Case("Keras, not told", lambda: {"dense/kernel:0": w(8, 4), "dense/bias:0": v(4)},
         refused="Kernels of Keras, TensorFlow and Flax are read with --layout keras"),
    Case("two kernels of one name", lambda: {"a/kernel": w(4, 2), "a.kernel": w(4, 2)},
         {"layout": "keras"}, refused="two arrays are 'a.weight'; leave one out with --skip"),
    Case("Keras LSTM", lambda: {"l/kernel:0": w(5, 12), "l/recurrent_kernel:0": w(3, 12)},
         {"layout": "keras"}, layers={"l": (12, 5), "l.recurrent_kernel": (12, 3)}, macs=96,
         nonzeros=96),
    Case("Keras convolutions", lambda: {
            "c/kernel:0": w(3, 3, 3, 4, zeros=8), "fc/kernel:0": w(4, 2)},
         {"layout": "keras"}, layers=SMALL_LAYERS, macs=SMALL_MACS, nonzeros=SMALL_NONZEROS,
         topology=CONV),
    Case("Keras depthwise", lambda: {"c/depthwise_kernel:0": w(3, 3, 3, 2), "fc/kernel:0": w(6, 2)},
         {"layout": "keras"}, layers={"c": (6, 1, 3, 3), "fc": (2, 6)}, macs=6 * 9 * 30 + 12,
         nonzeros=54 + 12, topology=CONV.replace("filters: 4", "filters: 6, groups: 3")),
    Case("Keras transposed convolution", lambda: {"conv2d_transpose/kernel:0": w(3, 3, 4, 3)},
         {"layout": "keras"}, refused="is of a transposed convolution; import the network by ONNX"),
    Case("a bias of two tells, too", lambda: {"fc.weight": w(3, 2), "fc.bias": v(2)},
         refused="fc.weight is 3x2, but its bias has 2: stored as inputs x filters? Give "
         "--transpose '*fc'"),
    # -- convolutions of other ranks
    Case("a convolution over time", lambda: {"c.weight": w(4, 3, 5), "fc.weight": w(2, 4)},
         layers={"c": (4, 3, 1, 5), "fc": (2, 4)}, macs=4 * 15 * 20 + 8, nonzeros=60 + 8,
         topology=CONV.replace("[6, 5]", "[1, 20]").replace("kernel: 3, padding: 1",
                                                           "kernel: [1, 5], padding: [0, 2]")),
    Case("a convolution without a topology", lambda: SMALL,
         refused="no topology has the shapes of its 2 layers"),
    # -- what is no layer
    Case("a norm over two dimensions", lambda: {
            "ln.weight": w(4, 4), "ln.bias": w(4, 4), **FC},
         layers={"fc": (4, 8)}, macs=32, nonzeros=29, uncounted={"norm": 2}),
    Case("a norm over two dimensions without a bias", lambda: {"norm.weight": w(4, 4), **FC},
         refused="what are norm.weight (4x4)? "),
    Case("a filter bank", lambda: {"mel.fb": w(9, 4), **FC}, refused="what are mel.fb (9x4)? "),
    Case("experts in one array", lambda: {"experts.gate_up_proj": w(2, 4, 8), **FC},
         refused="what are experts.gate_up_proj (2x4x8)? "),
    Case("an array that nobody knows", lambda: {**FC, "tree.thresholds": w(3, 3)},
         refused="what are tree.thresholds (3x3)? Neither layers that hwsim knows nor arrays"),
    Case("complex numbers", lambda: {"fc.weight": w(4, 8) * 1j},
         refused="fc.weight holds complex64; expected real numbers"),
    Case("text", lambda: {"fc.weight": w(4, 8).astype("U5")},
         refused="fc.weight holds <U5; expected real numbers"),
    Case("infinite weights", lambda: {"fc.weight": np.full((2, 2), np.inf)},
         refused="fc.weight has 4 of 4 weights that are NaN or infinite"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_file_is_right_or_refused_with_advice(case: Case, tmp_path: Path) -> None:
    path = tmp_path / f"w.{case.kind}"
    arrays = case.arrays()
    if case.kind == "npz":
        write_npz(path, arrays)
    else:
        save_file(arrays, path)
    topology = None
    if case.topology:
        topology = tmp_path / "t.yaml"
        topology.write_text(case.topology)
    if case.refused:
        with pytest.raises(InputError) as caught:
            load_network(path, topology, **case.options)
        assert case.refused in str(caught.value)
        assert "\n" not in str(caught.value)
        return
    network = load_network(path, topology, **case.options)
    assert {layer.name: layer.weight.shape for layer in network.layers} == case.layers
    assert sum(layer.macs for layer in network.layers) == case.macs
    assert sum(np.count_nonzero(layer.weight) for layer in network.layers) == case.nonzeros
    if case.uncounted is not None:
        assert network.skipped == case.uncounted


def test_there_are_at_least_sixty() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)
