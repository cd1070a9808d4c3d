"""Programs that stand in for STONNE and write its files."""

#: A program that computes with hwsim's engine and writes the files that STONNE would write.
STAND_IN = """
    import os, pathlib, re
    import numpy as np
    import hwsim
    from hwsim.engines.stonne.files import draw_operands
    from tests.engines.stonne.files.result_files import write_result

    given = dict(re.match(r"-(\\w+)=(.*)", argument).groups() for argument in sys.argv[2:])
    M, K, N, num_ms, dn_bw, rn_bw, mk_zeros, kn_zeros = (
        int(given[name])
        for name in "M K N num_ms dn_bw rn_bw MK_sparsity KN_sparsity".split()
    )
    if "HWSIM_OPERANDS" in os.environ:
        bits = np.fromfile(os.environ["HWSIM_OPERANDS"], dtype=bool)
        mk, kn = bits[: M * K].reshape(M, K), bits[M * K :].reshape(K, N)
        pathlib.Path("operands.taken").touch()
    else:
        mk, kn = draw_operands((M, K), mk_zeros, (K, N), kn_zeros)
    arch = hwsim.load_arch("sigma", {"num_ms": num_ms, "dn_bw": dn_bw, "rn_bw": rn_bw})
    result = hwsim.simulate_gemm(mk, kn, arch, given["dataflow"]).to_dict()
    write_result(pathlib.Path(), result, M, K, N, num_ms, given["layer_name"])
"""
#: The same, but one adder counts one addition too many.
WRONG = STAND_IN.replace(
    "    write_result(",
    '    result["counters"]["ReduceNetwork"]["ADDER"]["ADD_2_1"] += 1\n    write_result(',
)
#: The same, but it draws other zeros, as with another C library.
OTHER_DRAW = STAND_IN.replace("draw_operands((M, K), mk_zeros", "draw_operands((M, K), 30")
#: The same, but the file of statistics ends in the middle.
HALF = (
    STAND_IN
    + """
    [file] = pathlib.Path().glob("*.txt")
    file.write_text(file.read_text()[:300])
"""
)
