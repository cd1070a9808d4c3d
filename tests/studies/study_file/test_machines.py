"""Each machine has the settings that it knows; what cannot be is told where it stands."""


def test_a_setting_of_one_machine_takes_the_place_of_the_common_one(study, column):
    read = study(
        arch=["sigma", "sigma-128"],
        set={"num_ms": [32, 64], "clock": "1 GHz", "sigma-128": {"num_ms": 8, "dn_bw": [4, 8]}},
        scheme="dense",
    )
    assert column(read, "arch", "num_ms", "clock", "dn_bw") == [
        ("sigma", 32, "1 GHz", None),
        ("sigma", 64, "1 GHz", None),
        ("sigma-128", 8, "1 GHz", 4),
        ("sigma-128", 8, "1 GHz", 8),
    ]
    assert [point.request.overrides for point in read.points][-2:] == [
        {"num_ms": 8, "clock": "1 GHz", "dn_bw": 4},
        {"num_ms": 8, "clock": "1 GHz", "dn_bw": 8},
    ]


def test_a_setting_that_is_called_like_an_axis_has_a_name_of_its_own(study, column):
    read = study(set={"activations": ["int8", "int4"]}, activations="dense", scheme="dense")
    assert column(read, "set.activations", "activations") == [("int8", "dense"), ("int4", "dense")]
    assert [p.request.overrides["activations"] for p in read.points] == ["int8", "int4"]


def test_points_that_are_equal_stand_once(study, column):
    read = study(set={"node": ["28 nm", "28nm"], "num_ms": [64, 64]}, scheme="dense")
    assert column(read, "node", "num_ms") == [("28 nm", 64)]
    assert read.notes == ("3 points equal others and stand once, e.g. listed twice",)
    read = study(set={"node": ["28 nm", "28nm"]}, scheme="dense")
    assert read.notes == ("1 point equals another and stands once: node '28 nm' and '28nm'",)


def test_machines_of_other_names_are_others_even_if_equal(study, column):
    read = study(arch=["sigma", "sigma-128"], scheme="dense")
    assert column(read, "arch") == ["sigma", "sigma-128"]


def test_a_former_name_is_noted(study, recwarn):
    (note,) = study(arch="eyeriss", scheme="dense").notes
    assert note.startswith("eyeriss is called eyeriss-like since ")


def test_a_parameter_that_nobody_has_is_refused_with_its_line(file_refused):
    assert file_refused(
        """
        model: a.npz
        arch: [sigma, eyeriss_v2]
        set:
          num_m: [64, 128]
          eyeriss_v2:
            num_ms: 64
          sigm: {num_ms: 64}
        """
    ) == [
        "s.yaml: 3 problems",
        "s.yaml, line 4: set.num_m: no machine of the study has it; did you mean 'num_ms'?",
        "s.yaml, line 6: set.eyeriss_v2.num_ms: eyeriss_v2 has no such parameter; known: "
        + _known(),
        "s.yaml, line 7: set.sigm: no machine of the study; did you mean 'sigma'?",
    ]


def _known():
    from hwsim.arch import load_arch

    return ", ".join(sorted(load_arch("eyeriss_v2").settable))


def test_a_machine_that_is_not_there_is_told_alone(file_refused):
    assert file_refused(
        """
        model: a.npz
        arch: [sigma,
               sgima]
        set: {lanes: 4}
        """
    ) == ["s.yaml, line 3: arch.1: unknown arch 'sgima'; did you mean 'sigma'?"]


def test_values_that_cannot_be_are_told_at_their_lines(file_refused):
    assert file_refused(
        """
        model: a.npz
        arch: [sigma, eyeriss_v2]
        set:
          num_ms:
            - 64
            - 48
          clock: fast
        """
    ) == [
        "s.yaml: 3 problems",
        "s.yaml, line 6: set.num_ms.1: arch 'sigma': num_ms must be a power of two. Got 48",
        "s.yaml, line 7: set.clock: arch 'sigma': clock should be a positive number and its unit "
        "(kHz or MHz or GHz). Got 'fast'",
        "s.yaml, line 7: set.clock: arch 'eyeriss_v2': clock should be a positive number and its "
        "unit (kHz or MHz or GHz). Got 'fast'",
    ]


def test_technology_without_figures_is_told(file_refused):
    assert file_refused(
        """
        model: a.npz
        set:
          node: [28 nm, 4 nm]
          dram: [LPDDR4,
                 LPDDR9]
        """
    ) == [
        "s.yaml: 2 problems",
        "s.yaml, line 3: set.node.1: node 4 nm: energies are known from 7 nm to 65 nm; set another "
        "one, e.g. --set node=45nm",
        "s.yaml, line 5: set.dram.1: arch 'sigma': dram should be a kind of DRAM. Got 'LPDDR9'; "
        "did you mean 'LPDDR'?",
    ]


def test_a_machine_without_figures_is_told_at_its_name(file_refused, folder):
    (folder / "mine.yaml").write_text(
        "schema: 1\nextends: sigma\nname: mine\ntechnology: {node: 4 nm, sources: {node: n}}\n"
    )
    assert file_refused(
        """
        model: a.npz
        arch:
          - sigma
          - mine.yaml
        """
    ) == [
        "s.yaml, line 4: arch.1: node 4 nm: energies are known from 7 nm to 65 nm; set another "
        "one, e.g. --set node=45nm"
    ]


def test_technology_that_changes_nothing_is_told_at_its_line(file_refused):
    assert file_refused(
        """
        model: a.npz
        energy: stonne
        set:
          num_ms: 64
          node: 4 nm
        """
    ) == [
        "s.yaml, line 5: set.node: arch 'sigma': node=4 nm changes nothing: prices of stonne are "
        "fixed, and engine 'sigma' does not read it; leave it out, or take --energy physical"
    ]


def test_values_that_do_not_go_together_are_told_or_left_out(file_refused, study, column):
    assert file_refused(
        """
        model: a.npz
        set:
          num_ms: [16, 64]
          dn_bw: [16, 32]
        """
    ) == [
        "s.yaml, line 2: set: arch 'sigma': dn_bw must be at most num_ms (16). Got 32",
    ]
    read = study(
        set={"num_ms": [16, 64], "dn_bw": [16, 32]},
        exclude=[{"num_ms": 16, "dn_bw": 32}],
        scheme="dense",
    )
    assert column(read, "num_ms", "dn_bw") == [(16, 16), (64, 16), (64, 32)]


def test_an_engine_that_cannot_run_a_machine_is_told(file_refused, study, column):
    assert file_refused(
        """
        model: a.npz
        arch: [sigma, eyeriss_v2]
        engine:
          - sigma
          - sigmo
        """
    ) == [
        "s.yaml: 2 problems",
        "s.yaml, line 4: engine.0: arch 'eyeriss_v2': the spec has no parameter 'num_ms'; it is "
        "made for the engine 'sparseloop'",
        "s.yaml, line 5: engine.1: unknown engine 'sigmo'; did you mean 'sigma'?",
    ]
    read = study(
        arch=["sigma", "eyeriss_v2"],
        engine=["sigma", None],
        exclude=[{"arch": "eyeriss_v2", "engine": "sigma"}],
        scheme="dense",
    )
    assert column(read, "arch", "engine") == [("sigma", "sigma"), ("eyeriss_v2", "sparseloop")]


def test_a_machine_that_its_own_engine_refuses_is_told_at_its_name(file_refused, folder):
    assert file_refused(
        """
        model: a.npz
        density: statistical
        arch:
          - eyeriss_v2
          - sigma
        """
    ) == [
        "s.yaml, line 5: arch.1: density 'statistical': engine 'sigma' evaluates the very zeros of "
        "the weights; choose an architecture of the engine sparseloop"
    ]
