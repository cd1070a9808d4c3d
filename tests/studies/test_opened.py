"""What is named to be looked at is opened as what it is."""

import pandas as pd
import pytest

import hwsim
from hwsim.errors import InputError
from hwsim.networks import save_network
from hwsim.studies import RunResult, SweepResult, load_sweep
from hwsim.studies.opened import open_result
from hwsim.studies.study_file import study_of_flags
from tests.studies.networks import tiny_network


def test_a_sweep_is_read_back_as_it_was(tmp_path):
    network = tiny_network()
    object.__setattr__(network.layers[0], "name", "=stem")
    swept = hwsim.sweep(network, sparsity="0:0.5:0.5")
    swept.save(tmp_path / "sweep")
    found = open_result(tmp_path / "sweep")
    assert isinstance(found, SweepResult)
    pd.testing.assert_frame_equal(found.table, swept.table)
    assert found.layers["layer"].tolist() == swept.layers["layer"].tolist()
    assert found.manifest == swept.manifest
    assert len(load_sweep(tmp_path / "sweep").beyond_limits) == 0


def test_a_run_and_a_study(tmp_path):
    network = tiny_network()
    save_network(network, tmp_path / "n.npz")
    hwsim.run(network, schemes=["dense"]).save(tmp_path / "run")
    assert isinstance(open_result(tmp_path / "run"), RunResult)
    study = study_of_flags("mine", model=str(tmp_path / "n.npz"), scheme="dense")
    hwsim.run_study(study, tmp_path / "s.db").save(tmp_path / "tables")
    (tmp_path / "tables" / "sweep.csv").touch()  # of its figure
    (tmp_path / "s.yaml").write_text("study: mine\n")
    for name in ("s.db", "s.yaml"):
        assert open_result(tmp_path / name).entry.name == "mine"
    assert open_result(f"{tmp_path / 's.db'}:mine").entry.name == "mine"
    with pytest.raises(InputError, match="tables of a study; name the store that it is kept in"):
        open_result(tmp_path / "tables")
