"""``hwsim stonne``: STONNE's own command line."""

from __future__ import annotations

import typer

#: The program's options have one dash; ``-h`` is one of them, and ``-hwconfig`` begins with it.
CONTEXT_SETTINGS = {
    "ignore_unknown_options": True,
    "allow_extra_args": True,
    "allow_interspersed_args": False,
    "help_option_names": ["--help"],
}


def stonne(context: typer.Context) -> None:
    """Take STONNE's own options, and leave the result files that its program would leave.

    -CONV, -DenseGEMM, -FC and -SparseGEMM as in STONNE's manual, e.g. -DenseGEMM -M=20 -N=20 -K=256
    -num_ms=256 -T_M=4 -T_N=1 -T_K=64; -hwconfig=FILE takes one of its .cfg besides. The files go to
    the folder in OUTPUT_DIR, or here; -print_stats=0 leaves none. -energy -counter_file=FILE does
    what its energy script does.

    Example: hwsim stonne -DenseGEMM -M=9 -N=7 -K=5 -ms_rows=4 -ms_cols=4 -dn_bw=8 -rn_bw=16 -T_M=4
    -T_N=3 -accumulation_buffer=1 -rn_type=TEMPORALRN -mn_type=OS_MESH -mem_ctrl=TPU_OS_DENSE
    """
    arguments = list(context.args)
    if arguments[:1] in ([], ["-h"]):
        print(context.get_help())
        return
    if arguments[0] == "-energy":
        from hwsim.energy.stonne_script import run_energy_script

        print(f"{run_energy_script(arguments[1:])}: written")
        return
    from hwsim.studies.stonne import run_stonne

    run = run_stonne(arguments)
    for file in run.files:
        print(f"{file}: written")
    print(f"Number of cycles running: {run.cycles}")
