"""Counts as one would write them down: position by position, tuple by tuple, with dicts."""

from collections import defaultdict


def tiles(levels, filters, positions):
    """Cut a matrix into tiles, in order: lists of rows of (first filter, levels)."""
    for top in range(0, len(levels), filters):
        for left in range(0, len(levels[0]), positions):
            yield top, [row[left : left + positions] for row in levels[top : top + filters]]


def bits(number):
    """Bits that name one of a number of things."""
    found = 0
    while 2**found < number:
        found += 1
    return found


def scaled(level):
    return abs(level) not in (0, 1)


def negative(a_tuple):
    return tuple(-level for level in a_tuple)


def alike(tuples):
    """Put tuples that are equal, or each other's negatives, together."""
    found = defaultdict(list)
    for each in tuples:
        found[max(each, negative(each))].append(each)
    return found


class Count:
    """Totals; of ``tile_*`` the largest of any tile."""

    def __init__(self):
        self.total = defaultdict(int)

    def add(self, **counts):
        for name, count in counts.items():
            if name.startswith("tile_"):
                self.total[name] = max(self.total[name], count)
            else:
                self.total[name] += count


def dot_products(levels, skip_zeros=True):
    count = Count()
    for row in levels:
        weights = [level for level in row if level or not skip_zeros]
        count.add(
            multiplications=sum(scaled(level) for level in weights),
            additions=len(weights),
            terms=len(weights),
            activation_reads=len(weights),
            partial_sum_reads=bool(weights),
            partial_sum_writes=bool(weights),
        )
    count.add(tile_activations=len(levels[0]), tile_sums=1)
    return count.total


def groups_of(tile, skip_zeros):
    """Positions of a tile by their tuple."""
    groups = defaultdict(list)
    for position, a_tuple in enumerate(zip(*tile, strict=True)):
        if any(a_tuple) or not skip_zeros:
            groups[a_tuple].append(position)
    return groups


def ucnn(levels, filters, positions, skip_zeros=True):
    count = Count()
    for top, tile in tiles(levels, filters, positions):
        groups = groups_of(tile, skip_zeros)
        read = sum(map(len, groups.values()))
        additions = sum(len(members) - 1 for members in groups.values())
        multiplications = partial_sums = skips = terms = 0
        for filter_ in range(len(tile)):
            order = [*sorted({level for level in levels[top + filter_] if level}), 0]
            own = {a_tuple[: filter_ + 1] for a_tuple in groups}
            taken = [prefix for prefix in own if prefix[-1] or not skip_zeros]
            additions += len(taken)
            terms += len(taken)
            multiplications += len({prefix[-1] for prefix in taken if scaled(prefix[-1])})
            partial_sums += bool(taken)
            for outer in {prefix[:-1] for prefix in own}:
                inner = [prefix for prefix in own if prefix[:-1] == outer]
                last = max(order.index(prefix[-1]) for prefix in inner)
                skips += last + 1 - len(inner)
                if filter_ and (any(outer) or not skip_zeros):
                    additions += len(inner) - 1
        entry = bits(min(positions, len(levels[0]))) + len(tile)
        count.add(
            multiplications=multiplications,
            additions=additions,
            terms=terms,
            activation_reads=read,
            partial_sum_reads=partial_sums,
            partial_sum_writes=partial_sums,
            groups=len(groups),
            tiles=1,
            table_entries=read + skips,
            table_bits=(read + skips) * entry,
            tile_activations=read,
            tile_sums=2 * len(tile),
            tile_table_bits=(read + skips) * entry,
        )
    return count.total


def table_order(levels, top, tile):
    """Sort tuples as tables go through them: each filter's levels ascending, zero last."""
    orders = [
        [*sorted({level for level in levels[top + filter_] if level}), 0]
        for filter_ in range(len(tile))
    ]
    return lambda a_tuple: [own.index(level) for own, level in zip(orders, a_tuple, strict=True)]


def limited_ucnn(levels, filters, positions, limit, skip_zeros=True):
    """Sums of at most some activations, each taken in by itself."""
    count = Count()
    for top, tile in tiles(levels, filters, positions):
        groups = groups_of(tile, skip_zeros)
        sums = []  # of one filter, in order: levels up to it and how many activations
        for a_tuple in sorted(groups, key=table_order(levels, top, tile)):
            left = len(groups[a_tuple])
            while left:
                sums.append((a_tuple, min(left, limit)))
                count.add(additions=sums[-1][1] - 1)
                left -= sums[-1][1]
        for filter_ in reversed(range(len(tile))):
            taken = [prefix for prefix, _ in sums if prefix[filter_] or not skip_zeros]
            count.add(
                additions=len(taken),
                terms=len(taken),
                multiplications=sum(scaled(prefix[filter_]) for prefix in taken),
            )
            outer = []
            for prefix, size in sums if filter_ else []:
                above = prefix[:filter_]
                if skip_zeros and not any(above):
                    continue
                if outer and outer[-1][0] == above and outer[-1][1] + size <= limit:
                    outer[-1] = above, outer[-1][1] + size
                    count.add(additions=1)
                else:
                    outer.append((above, size))
            sums = outer
    return count.total


def long_jumps(levels, filters, positions, width, skip_zeros=True):
    """Walk through tables position by position."""
    found = 0
    for top, tile in tiles(levels, filters, positions):
        groups = groups_of(tile, skip_zeros)
        length, at = len(tile[0]), -1
        for a_tuple in sorted(groups, key=table_order(levels, top, tile)):
            for position in groups[a_tuple]:
                steps = 0
                while True:
                    at = (at + 1) % length
                    if at == position:
                        break
                    steps += 1
                    if steps == 2**width - 1:
                        found, steps = found + 1, 0
    return found


def sum_merge(levels, filters, positions, skip_zeros=True, merge=None):
    count = Count()
    for _, tile in tiles(levels, filters, positions):
        members = groups_of(tile, skip_zeros)
        groups = alike(members)
        read = sum(map(len, members.values()))
        here = Count()
        here.add(
            additions=read - len(groups),
            activation_reads=read,
            group_sum_writes=len(groups),
            groups=len(groups),
            table_entries=read,
            table_bits=read * (bits(min(positions, len(levels[0]))) + 2),
            kept=len(groups) + len(tile),
        )
        if merge:
            merge(here, list(groups), skip_zeros)
        else:
            for filter_ in range(len(tile)):
                own = [a_tuple[filter_ : filter_ + 1] for a_tuple in groups]
                take(here, own, len(groups), skip_zeros)
        found = dict(here.total)
        found["tile_sums"] = found.pop("kept")
        count.add(**found, tiles=1, tile_activations=read, tile_table_bits=found["table_bits"])
    return count.total


def halve(here, groups, skip_zeros):
    width = len(groups[0]) if groups else 0
    if width <= 1:
        take(here, groups, len(groups), skip_zeros)
        return
    middle = (width + 1) // 2
    for part in (slice(0, middle), slice(middle, width)):
        cut = [a_tuple[part] for a_tuple in groups]
        if len(cut[0]) == 1:
            take(here, cut, len(groups), skip_zeros)
            continue
        used = [each for each in cut if any(each) or not skip_zeros]
        merged = alike(used)
        sums = [each for each in merged.values() if len(each) > 1]
        here.add(
            additions=len(used) - len(merged),
            group_sum_reads=sum(map(len, sums)),
            group_sum_writes=len(sums),
            kept=len(sums),
            table_entries=len(used),
            table_bits=len(used) * (bits(len(groups)) + 2),
        )
        halve(here, list(merged), skip_zeros)


def pair(here, groups, skip_zeros):
    """Look for the pair that most filters have in common, again and again."""
    width = len(groups[0]) if groups else 0
    sums = [
        (a_tuple, {f for f in range(width) if a_tuple[f] or not skip_zeros}) for a_tuple in groups
    ]
    lists = []
    while best := most_common(sums, width):
        served, key = best
        members = [each for each in sums if has(each, served, key)]
        lists.append(len(members))
        sums.append((members[0][0], set(served)))
        for _, serves in members:
            serves.difference_update(served)
    named = bits(len(groups) + len(lists))
    here.add(
        additions=sum(lists) - len(lists),
        group_sum_reads=sum(lists),
        group_sum_writes=len(lists),
        kept=len(lists),
        table_entries=sum(lists),
        table_bits=sum(lists) * (named + 2),
    )
    for filter_ in range(width):
        codes = [(a_tuple[filter_],) for a_tuple, serves in sums if filter_ in serves]
        take(here, codes, len(groups) + len(lists), False)


def has(a_sum, served, key):
    a_tuple, serves = a_sum
    part = tuple(a_tuple[filter_] for filter_ in served)
    return serves.issuperset(served) and part in (key, negative(key))


def most_common(sums, width):
    """Filters in which two sums are equal, or each other's negatives, and their levels there."""
    best = (-1,)
    for one, (left, first) in enumerate(sums):
        for right, second in sums[:one]:
            both = first & second
            if len(both) < max(2, -best[0]):
                continue
            for sign in (1, -1):
                served = sorted(f for f in both if left[f] == sign * right[f])
                best = min(best, (-len(served), served, tuple(left[f] for f in served)))
    return best[1:]


def take(here, codes, listed, skip_zeros):
    taken = [level for (level,) in codes if level or not skip_zeros]
    here.add(
        additions=len(taken),
        terms=len(taken),
        multiplications=len({abs(level) for level in taken if scaled(level)}),
        group_sum_reads=len(taken),
        partial_sum_reads=bool(taken),
        partial_sum_writes=bool(taken),
        table_entries=len(taken),
        table_bits=len(taken) * (bits(listed) + 2),
    )
