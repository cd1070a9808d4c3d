from __future__ import annotations

import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hwsim
from hwsim.arch import list_archs, load_arch, override_arch, parse_overrides
from hwsim.arch.technology import TECHNOLOGY_KEYS
from hwsim.errors import InputError


def powers_of_two(smallest: int, largest: int) -> st.SearchStrategy[int]:
    return st.sampled_from([2**n for n in range(17) if smallest <= 2**n <= largest])


@pytest.mark.parametrize(
    ("name", "multipliers", "read_ports", "write_ports"),
    [
        ("sigma", 256, 256, 256),
        ("sigma-64", 64, 64, 64),
        ("sigma-128", 128, 128, 128),
        ("sigma-128-bw64", 128, 64, 64),
        ("sigma-256", 256, 256, 256),
        ("sigma-256-bw64", 256, 64, 64),
        ("sigma-256-bw128", 256, 128, 128),
    ],
)
def test_shipped_specs_have_stonnes_published_figures(
    name: str, multipliers: int, read_ports: int, write_ports: int
) -> None:
    arch = load_arch(name)
    assert arch.name == name
    assert arch.parameters == {"num_ms": multipliers, "dn_bw": read_ports, "rn_bw": write_ports}
    assert arch.engine == "sigma"
    assert arch.energy_table == "stonne"
    assert "STONNE" in arch.spec.source


def test_every_shipped_spec_loads_and_carries_its_own_name() -> None:
    assert [load_arch(name).name for name in list_archs()] == list_archs()


def test_the_ports_follow_the_multipliers_unless_they_are_set() -> None:
    assert load_arch("sigma", {"num_ms": 64}).parameters == {
        "num_ms": 64,
        "dn_bw": 64,
        "rn_bw": 64,
    }
    assert load_arch("sigma", {"num_ms": 64, "dn_bw": 8}).parameters == {
        "num_ms": 64,
        "dn_bw": 8,
        "rn_bw": 64,
    }


@given(st.data())
def test_any_powers_of_two_within_bounds_are_taken_as_given(data: st.DataObject) -> None:
    multipliers = data.draw(powers_of_two(2, 65536))
    ports = powers_of_two(1, multipliers)
    chosen = {"num_ms": multipliers, "dn_bw": data.draw(ports), "rn_bw": data.draw(ports)}
    arch = load_arch("sigma", chosen)
    assert arch.parameters == chosen
    assert arch.overrides == chosen


def test_an_arch_reads_like_a_mapping_survives_pickling_and_names_its_overrides() -> None:
    arch = hwsim.load_arch("sigma", {"num_ms": np.int64(64)})
    assert arch["num_ms"] == 64
    assert type(arch["num_ms"]) is int
    assert arch.label == "sigma (num_ms=64)"
    assert load_arch("sigma").label == "sigma"
    assert pickle.loads(pickle.dumps(arch)) == arch


def test_parameters_carry_units_bounds_and_meaning() -> None:
    dn_bw = load_arch("sigma").spec.parameters["dn_bw"]
    assert dn_bw.unit == "elements/cycle"
    assert dn_bw.constraint == "1 to 65536, a power of two, at most num_ms"
    assert dn_bw.meaning == "read ports of the global buffer"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"num_ms": 48}, "arch 'sigma': num_ms must be a power of two. Got 48"),
        ({"num_ms": 0}, "arch 'sigma': num_ms must be in the range [2, 65536]. Got 0"),
        ({"num_ms": -64}, "arch 'sigma': num_ms must be in the range [2, 65536]. Got -64"),
        ({"num_ms": True}, "arch 'sigma': num_ms must be a whole number. Got True"),
        ({"num_ms": 64.0}, "arch 'sigma': num_ms must be a whole number. Got 64.0"),
        ({"num_ms": "64"}, "arch 'sigma': num_ms must be a whole number. Got '64'"),
        ({"num_ms": 4, "dn_bw": 8}, "arch 'sigma': dn_bw must be at most num_ms (4). Got 8"),
        ({"rn_bw": 512}, "arch 'sigma': rn_bw must be at most num_ms (256). Got 512"),
        ({"rn_bw": 3}, "arch 'sigma': rn_bw must be a power of two. Got 3"),
        ({"num_m": 8}, "arch 'sigma': unknown parameter 'num_m'; did you mean 'num_ms'?"),
        ({"voltag": "1 V"}, "arch 'sigma': unknown parameter 'voltag'; did you mean 'voltage'?"),
        ({"num_ms": "many"}, "arch 'sigma': num_ms must be a whole number. Got 'many'"),
        (
            {"ports": 8},
            "arch 'sigma': unknown parameter 'ports'; known: "
            + ", ".join(sorted({"distribution", "dn_bw", "num_ms", "rn_bw", *TECHNOLOGY_KEYS})),
        ),
        (["num_ms=64"], "overrides: expected a mapping like {'num_ms': 64}. Got ['num_ms=64']"),
    ],
)
def test_bad_overrides_are_refused_in_one_line(overrides: object, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        load_arch("sigma", overrides)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sgima", "unknown arch 'sgima'; did you mean 'sigma'?"),
        ("", "unknown arch ''; known: " + ", ".join(list_archs())),
        ("no-such-file.yaml", "no-such-file.yaml: no such file"),
        ("nul\0.yaml", r"'nul\x00.yaml': cannot be read: embedded null byte"),
        (7, "expected a name or the path of a YAML file. Got 7"),
    ],
)
def test_unknown_names_and_files_are_refused_in_one_line(name: str, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        load_arch(name)


def test_a_folder_is_no_spec(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"^{tmp_path}: cannot be read: Is a directory$"):
        load_arch(tmp_path)


def test_a_file_named_like_a_shipped_arch_does_not_hide_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sigma").write_text("not a spec")
    monkeypatch.chdir(tmp_path)
    assert load_arch("sigma")["num_ms"] == 256


def test_a_loaded_arch_is_overridden_as_if_at_once() -> None:
    first = load_arch("sigma", {"num_ms": 64, "node": "45 nm", "distribution": "multicast"})
    more = {"num_ms": 32, "dn_bw": 8, "weights": "int1", "multiplier": "sign"}
    both = override_arch(first, more)
    at_once = load_arch("sigma", {"node": "45 nm", "distribution": "multicast", **more})
    assert both.fingerprint() == at_once.fingerprint()
    assert both.parameters == {"num_ms": 32, "dn_bw": 8, "rn_bw": 32}
    assert both.label == (
        "sigma (num_ms=32, distribution=multicast, dn_bw=8, node=45 nm, weights=int1, "
        "multiplier=sign)"
    )
    for wrong, said in (
        ({"num_ms": 3}, "num_ms must be a power of two. Got 3"),
        ({"multiplier": "signs"}, "multiplier should be 'number', 'ternary', 'sign' or 'mask'"),
        ({"num": 3}, "unknown parameter 'num'"),
    ):
        with pytest.raises(InputError) as refusal:
            override_arch(first, wrong)
        assert str(refusal.value).startswith(f"arch 'sigma': {said}")


def test_overrides_are_read_from_text() -> None:
    assert parse_overrides([]) == {}
    assert parse_overrides(["num_ms=64", " dn_bw = 8 "]) == {"num_ms": 64, "dn_bw": 8}
    assert parse_overrides(["distribution=multicast", "a=b_2-c"]) == {
        "distribution": "multicast",
        "a": "b_2-c",
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["num_ms"], "--set expects NAME=VALUE, e.g. num_ms=64. Got 'num_ms'"),
        (["=64"], "--set expects NAME=VALUE, e.g. num_ms=64. Got '=64'"),
        (["num_ms="], "--set expects NAME=VALUE, e.g. num_ms=64. Got 'num_ms='"),
        (["num_ms=Many"], "--set num_ms: num_ms must be a whole number. Got 'Many'"),
        (["num_ms=64.0"], "--set num_ms: num_ms must be a whole number. Got '64.0'"),
        (
            ["voltag=1 V"],
            "--set voltag: voltag must be a whole number, or meant is 'voltage' of the technology. "
            "Got '1 V'",
        ),
        (["num_ms=1_000"], "--set num_ms: num_ms must be a whole number. Got '1_000'"),
        (["num_ms=64", "num_ms=32"], "--set num_ms: set twice, to 64 and to 32"),
    ],
)
def test_bad_text_overrides_are_refused_in_one_line(settings: list[str], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        parse_overrides(settings)


def test_a_misspelled_parameter_beside_an_inherited_one_is_refused(tmp_path: Path) -> None:
    spec = tmp_path / "mine.yaml"
    parameter = "{value: 8, unit: PEs, minimum: 1, maximum: 64, meaning: PEs of a row}"
    spec.write_text(f"schema: 1\nextends: simple\nname: mine\nparameters:\n  colums: {parameter}\n")
    with pytest.raises(InputError) as error:
        hwsim.simulate_gemm(np.eye(4), 2, load_arch(spec))
    assert str(error.value).endswith(
        f"{spec}, line 5: nothing uses parameter 'colums'; did you mean 'columns'?"
    )


@pytest.mark.parametrize(("name", "refused"), [("num_mss", True), ("banks", False)])
def test_sigma_refuses_a_slip_and_leaves_other_parameters_alone(
    tmp_path: Path, name: str, refused: bool
) -> None:
    spec = tmp_path / "mine.yaml"
    parameter = "{value: 8, unit: x, minimum: 1, maximum: 64, meaning: none}"
    spec.write_text(f"schema: 1\nextends: sigma\nname: mine\nparameters:\n  {name}: {parameter}\n")
    if not refused:
        hwsim.simulate_gemm(np.eye(4), 2, load_arch(spec))
        return
    with pytest.raises(InputError) as error:
        hwsim.simulate_gemm(np.eye(4), 2, load_arch(spec))
    assert str(error.value) == (
        f"{spec}, line 5: nothing uses parameter 'num_mss'; did you mean 'num_ms'?"
    )
