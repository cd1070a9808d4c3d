"""Machines, prices, Timeloop's and STONNE's files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from hwsim.energy.stonne_script import _own_table
from tests.fuzz.inputs import CHECKOUT, Command, Seed, cases, made_by, network_file
from tests.fuzz.weight_files import RUN


def arch(folder: Path) -> list[Seed]:
    files = network_file(folder)
    seeds = []
    for name in ("sigma", "tpu", "eie", "maeri", "ucnn", "unpu-like", "yodann-like"):
        mine = {**files, "arch.yaml": (CHECKOUT / "arch_specs" / f"{name}.yaml").read_bytes()}
        commands: list[Command] = [
            (
                "run",
                "--model",
                "m.npz",
                "--arch",
                "arch.yaml",
                "--scheme",
                "dense",
                "--layers",
                "fc",
                "--energy",
                "physical",
                "--json",
            ),
            ("run", "--model", "m.npz", "--arch", "arch.yaml", "--scheme", "dense", "--json"),
            ("arch", "show", "arch.yaml"),
        ]
        seeds.append(Seed("arch.yaml", mine, commands))
    return seeds


def design(folder: Path) -> list[Seed]:
    files = network_file(folder)
    run = (
        "run",
        "--model",
        "m.npz",
        "--arch",
        "arch.yaml",
        "--layers",
        "fc",
        "--scheme",
        "dense",
        "--json",
    )
    return [
        Seed(
            "arch.yaml",
            {**files, "arch.yaml": (CHECKOUT / "arch_specs" / f"{name}.yaml").read_bytes()},
            [run, ("arch", "show", "arch.yaml")],
        )
        for name in ("simple", "simple-skipping", "eyeriss-like", "scnn")
    ]


def energy_table(folder: Path) -> list[Seed]:
    table = CHECKOUT / "hwsim" / "energy" / "tables" / "stonne.yaml"
    files = {**network_file(folder), "e.yaml": table.read_bytes()}
    commands: list[Command] = [
        ("run", "--model", "m.npz", *RUN, "--energy", "e.yaml", "--json"),
        ("energy", "show", "e.yaml"),
        ("energy", "diff", "e.yaml", "stonne"),
    ]
    return [Seed("e.yaml", files, commands)]


def reference_tables(folder: Path) -> list[Seed]:
    files = cases(*(f"timeloop/a_{name}.yaml" for name in ("arch", "prob", "map", "ert")))
    model = (
        "timeloop",
        "model",
        "a_arch.yaml",
        "a_prob.yaml",
        "a_map.yaml",
        "a_ert.yaml",
        "--json",
        "-",
    )
    return [Seed("a_ert.yaml", files, [model, ("energy", "show", "a_ert.yaml")])]


def timeloop3(folder: Path) -> list[Seed]:
    whole = cases("timeloop/hyp_fix_1.0.yaml")
    parts = cases("hostile/arch.yaml", "hostile/prob.yaml", "hostile/map.yaml")
    model: Command = ("timeloop", "model", "arch.yaml", "prob.yaml", "map.yaml", "--json", "-")
    mapper: Command = (
        "timeloop",
        "mapper",
        "arch.yaml",
        "prob.yaml",
        "--budget",
        "5",
        "--json",
        "-",
    )
    commands = {name: [model, model, mapper] for name in ("arch.yaml", "prob.yaml")}
    commands["map.yaml"] = [model]
    one: list[Command] = [("timeloop", "model", "hyp_fix_1.0.yaml", "--json", "-")]
    return [Seed("hyp_fix_1.0.yaml", whole, one)] + [
        Seed(name, parts, commands[name]) for name in parts
    ]


def timeloop4(folder: Path) -> list[Seed]:
    files = cases("timeloop/g_arch.yaml", "timeloop/g_prob.yaml", "timeloop/g_map.yaml")
    model: Command = ("timeloop", "model", *files, "--json", "-")
    return [Seed(name, files, [model]) for name in files]


def sparse(folder: Path) -> list[Seed]:
    files = cases(*(f"hostile/{name}.yaml" for name in ("arch", "prob", "map", "sparse")))
    model: Command = ("timeloop", "model", *files, "--json", "-")
    return [Seed("sparse.yaml", files, [model])]


#: Of a small SIGMA.
SIGMA_CONFIG: Final = """\
[MSNetwork]
type="LINEAR"
ms_size=8
[ReduceNetwork]
type="ASNETWORK"
accumulation_buffer_enabled=0
[SDMemory]
dn_bw=4
rn_bw=2
controller_type="SIGMA_SPARSE_GEMM"
port_width=16
[MSwitch]
latency=1
"""


def stonne_cfg(folder: Path) -> list[Seed]:
    config = "print_stats_enabled=false\n" + SIGMA_CONFIG
    sparse = ("stonne", "-SparseGEMM", "-M=3", "-N=2", "-K=8", "-hwconfig=c.cfg")
    dense = (
        "stonne",
        "-DenseGEMM",
        "-M=3",
        "-N=2",
        "-K=8",
        "-T_M=1",
        "-T_N=1",
        "-T_K=4",
        "-hwconfig=c.cfg",
    )
    maeri = config.replace("SIGMA_SPARSE_GEMM", "MAERI_DENSE_WORKLOAD")
    return [
        Seed("c.cfg", {"c.cfg": config.encode()}, [sparse]),
        Seed("c.cfg", {"c.cfg": maeri.encode()}, [dense]),
    ]


def stonne_files(folder: Path) -> list[Seed]:
    os.environ.pop("OUTPUT_DIR", None)
    made = made_by(
        folder,
        {},
        ("stonne", "-SparseGEMM", "-M=3", "-N=2", "-K=8", "-num_ms=8", "-dn_bw=4", "-rn_bw=2"),
    )
    [counters] = (content for name, content in made.items() if name.endswith(".counters"))
    files = {"c.counters": counters, "e.txt": _own_table().encode()}
    command = ("stonne", "-energy", "-counter_file=c.counters", "-table_file=e.txt")
    return [
        Seed("c.counters", files, [command, command[:-1]]),
        Seed("e.txt", files, [command]),
    ]
