"""YodaNN pass by pass and tile by tile, as slowly as the closed forms are not."""

from collections import Counter


def cut(total, size):
    return [min(size, total - start) for start in range(0, total, size)]


def piece_sides(side, widest):
    number = -(-side // widest)
    return [side // number + (index < side % number) for index in range(number)]


def tile_rows(rows, most, shared):
    """Rows of each tile: full ones, the last as many as are left; neighbours share rows."""
    found, start = [], 0
    while True:
        found.append(min(most, rows - start))
        if start + most >= rows:
            return found
        start += most - shared


def run(layer, sops=32, operators=50, channels=32, memory_rows=1024, streams=2, waited=True):
    """Cycles and some counts of a padded convolution: a dict of filters, channels, kernel, ..."""
    rows, columns = (p * s for p, s in zip(layer["output"], layer["stride"], strict=True))
    windows = layer["output"][0] * layer["output"][1]
    widest = int(operators**0.5)
    cycles, counts = 0, Counter()
    for _ in range(layer["groups"]):
        for height in piece_sides(layer["kernel"][0], widest):
            for width in piece_sides(layer["kernel"][1], widest):
                of_sop = min(streams, operators // (height * width))
                shared = max(height - layer["stride"][0], 0)
                tiles = tile_rows(rows, memory_rows // channels, shared)
                for filters in cut(layer["filters"], sops * of_sop):
                    for held in cut(layer["channels"], channels):
                        weights = filters * held * height * width
                        busy = windows * max(held, -(-filters // of_sop))
                        words = sum(tiles) * columns * held
                        first = sum(tiles) * min(width // 2, columns) * held
                        loading = -(-weights // 12)
                        if waited:
                            cycles += loading + first + max(busy, words - first)
                        else:
                            cycles += -(-busy * sum(tiles) // rows)
                        counts["weights"] += weights
                        counts["words"] += words
                        counts["products"] += weights * windows
                        counts["additions"] += windows * held * filters * (height * width - 1)
                        counts["sums"] += windows * filters
    return cycles, counts
