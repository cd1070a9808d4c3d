"""EIE said literally: an encoder that writes entries, PEs that are stepped cycle by cycle."""


def encode(column, run_bits):
    """Encode the weights of one PE in one column: (zeros before it, weight) an entry."""
    longest = 2**run_bits - 1
    entries, zeros = [], 0
    for weight in column:
        if not weight:
            zeros += 1
            continue
        while zeros > longest:
            entries.append((longest, 0))
            zeros -= longest + 1
        entries.append((zeros, 1))
        zeros = 0
    return entries


def decode(entries, length):
    """Write the column again."""
    column = []
    for zeros, weight in entries:
        column += [0] * zeros + [weight]
    return column + [0] * (length - len(column))


def stepped(entries, present, queue):
    """Step one vector: a broadcast a cycle if all queues have room, an entry a cycle."""
    pending = [column for column, there in enumerate(present) if there]
    queues = [[] for _ in entries[0]]
    cycle = 0
    while pending or any(queues):
        if pending and all(len(waiting) < queue for waiting in queues):
            column = pending.pop(0)
            for waiting, count in zip(queues, entries[column], strict=True):
                waiting.append(max(count, 1))
        for waiting in queues:
            if waiting:
                waiting[0] -= 1
                if not waiting[0]:
                    waiting.pop(0)
        cycle += 1
    return cycle
