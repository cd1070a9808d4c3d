import io
from dataclasses import replace

from rich.console import Console

import hwsim
from hwsim.reports.sweep_report import sweep_report
from tests.studies.networks import tiny_network


def printed(result, width=80):
    text = io.StringIO()
    Console(file=text, width=width, highlight=False).print(sweep_report(result))
    return [line.rstrip() for line in text.getvalue().splitlines()]


def test_a_line_a_level_with_both_scopes(tiny_sweep):
    lines = printed(tiny_sweep)
    row = tiny_sweep.table.iloc[2]
    line = next(line for line in lines if line.strip().startswith("60.0%"))
    words = line.split()
    assert words[1] == f"{row['cycles']:,}"
    assert words[3:5] == [f"{row['cycles_ratio']:.2f}", f"{row['energy_ratio']:.2f}"]
    assert words[5] == f"{row['network_cycles']:,}"
    assert words[7:] == [
        f"{row['network_cycles_ratio']:.2f}",
        f"{row['network_energy_ratio']:.2f}",
    ]
    assert max(map(len, lines)) <= 80


def test_what_was_pruned(tiny_sweep):
    assert "pruned   2 layers, random zeros, seed 0" in printed(tiny_sweep)


def test_one_scope_where_everything_is_pruned():
    result = hwsim.sweep(tiny_network(), sparsity=[0.5], quantize_layers=["all"])
    line = next(line for line in printed(result) if line.strip().startswith("50.0%"))
    assert len(line.split()) == 5


def test_ratios_that_cannot_be_are_named(tiny_sweep):
    beyond = tiny_sweep.layers.assign(cycles_limit=1.5, limit_from="half is left").head(1)
    lines = printed(replace(tiny_sweep, beyond_limits=beyond), width=200)
    row = beyond.iloc[0]
    start = lines.index("! beyond the limit:")
    assert lines[start + 1] == (
        f"{row['scheme']}, {row['layer']}: dense takes {row['cycles_ratio']:.4g} times the cycles; "
        "at most 1.5 can be (half is left)"
    )
    assert not any("!" in line for line in printed(tiny_sweep))
