"""An encoder that walks a tile, fiber by fiber, and writes what each format writes."""

import itertools

import numpy as np


def tiles_of(mask, box):
    """The tiles of a grid over a tensor, in order."""
    starts = (range(0, extent, length) for extent, length in zip(mask.shape, box, strict=True))
    for corner in itertools.product(*starts):
        yield mask[tuple(slice(at, at + length) for at, length in zip(corner, box, strict=True))]


def encode(tile, subtiles, formats):
    """Metadata and payloads of each rank, innermost first, as lists of what is written."""
    written = [([], []) for _ in formats]
    walk(tile, len(formats) - 1, subtiles, formats, written)
    kept = [rank for rank, form in enumerate(formats) if form not in (None, "u")]
    if kept and formats[kept[0]] != "uop":
        written[kept[0]][1].clear()  # the data themselves
    return written


def walk(fiber, rank, subtiles, formats, written):
    """Write one fiber and all below it."""
    if rank < 0:
        return
    form = formats[rank]
    metadata, payload = written[rank]
    plain = form in ("u", "ub")
    outermost = rank == max(at for at, each in enumerate(formats) if each is not None)
    if not fiber.any() and not plain and outermost:
        return
    coordinates = list(tiles_of(fiber, subtiles[rank]))
    for number, inside in enumerate(coordinates):
        full = bool(inside.any())
        if form == "uop":
            payload.append(f"offset of {number}")
        if form in ("b", "ub"):
            metadata.append(full)
        if form in ("cp", "rle") and full:
            metadata.append(number)
        if (form in ("cp", "rle", "b") and full) or form == "ub":
            payload.append(f"at {number}")
        if form is None or plain or full:
            walk(inside, rank - 1, subtiles, formats, written)
    if form == "uop":
        payload.append("end")


def tensor(generator, shape, density, clustered):
    """Zeros strewn at random, or in whole slices and runs of their own."""
    mask = generator.random(shape) < density
    if clustered:
        for axis, extent in enumerate(shape):
            slices = generator.random(extent) < 0.6
            mask &= slices.reshape([-1 if at == axis else 1 for at in range(len(shape))])
    return np.ascontiguousarray(mask)
