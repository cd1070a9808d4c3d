"""Every option that is a number, in the place of which stands a table of nonsense."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pytest

from tests.cli.test_cases import CASES

VALUES = ("-1", "-0.5", "nan", "inf", "1e308", "1e999", "9" * 30, "0", "1e-300", "x", "1:30", "1e3")
#: Of a command line: what stands after ``=`` or after one of the options is tried.
LINES = """\
run --model m.npz --energy stonne --layers a --activation-density 0.5 --scheme dense
run --model m.npz --energy stonne --layers a --scheme pruned:sparsity=0.5,method=random,seed=3
run --model m.npz --energy stonne --layers a --scheme dense --set num_ms=64 --set dn_bw=32
run --model m.npz --energy stonne --layers a --scheme dense --tokens 3
sweep --model m.npz --energy stonne --layers b --sparsity 0.5 --seed 3 --workers 1
gemm --mk mk.npy --columns 3
explore s.yaml --budget 3 --seed 3 --workers 1
timeloop mapper hyp_fix_1.0.yaml --budget 3 --seed 3 --json -
network make resnet20-cifar -o made.npz --input-size 5 --seed 3
validate --model m.npz --columns 3 --memory 99 --disk 99 --workers 1 --timeout 5
stonne -SparseGEMM -M=3 -N=2 -K=8 -num_ms=8 -dn_bw=4 -rn_bw=2 -MK_sparsity=50 -print_stats=0
stonne -DenseGEMM -M=3 -N=2 -K=8 -T_M=1 -T_N=1 -T_K=4 -num_ms=8 -dn_bw=4 -rn_bw=2 -print_stats=0
""".splitlines()
#: Options, values that are taken there, and why that is no harm.
HARMLESS = [
    (r".*sparsity|.*density", ("0", "1e-300"), "a share may be nothing, or next to it"),
    (r"seed|sparsity|print_stats", ("0",), "the first seed, none, no"),
    (r"workers", ("0",), "as many as there are cores"),
    (r"budget", ("1e3",), "a thousand, as written"),
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    shutil.copy(CASES / "hostile" / "m.npz", tmp_path)
    shutil.copy(CASES / "timeloop" / "hyp_fix_1.0.yaml", tmp_path)
    np.save(tmp_path / "mk.npy", np.eye(3))
    study = "study: s\nmodel: m.npz\nset: {num_ms: [32, 64]}\nenergy: stonne\nscheme: dense\n"
    (tmp_path / "s.yaml").write_text(study)
    monkeypatch.chdir(tmp_path)


def numbers(words):
    """Find the words that are a number, or end in one after ``=``, and what they are called."""
    for at, word in enumerate(words):
        for found in re.finditer(r"(?:^|(\w+)=)([0-9.]+)(?=$|,)", word):
            yield found[1] or words[at - 1].lstrip("-"), at, found.span(2)


@pytest.mark.parametrize("line", LINES)
def test_it_is_refused_or_known_to_be_harmless(cli, here, line):
    words = line.split()
    taken, tried = [], 0
    for name, at, (begin, end) in numbers(words):
        for value in VALUES:
            changed = f"{words[at][:begin]}{value}{words[at][end:]}"
            result = cli(*words[:at], changed, *words[at + 1 :])
            tried += 1
            if result.code == 2:
                assert result.err.splitlines()[-1].startswith("error: "), (name, value)
            elif not any(re.fullmatch(key, name) and value in known for key, known, _ in HARMLESS):
                taken.append((name, value))
    assert tried >= len(VALUES)
    assert taken == []
