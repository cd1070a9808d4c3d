import importlib.util
import json

import pandas as pd
import pytest

import hwsim.studies.result
from hwsim.errors import InputError
from hwsim.studies import load_run


@pytest.fixture
def without_pyarrow(monkeypatch):
    def find_spec(name):
        return None if name == "pyarrow" else importlib.util.find_spec(name)

    monkeypatch.setattr(hwsim.studies.result, "find_spec", find_spec)


def assert_same_run(loaded, saved):
    frames = ("table", "layers", "quantization", "structures", "totals", "components", "headline")
    for name in frames:
        pd.testing.assert_frame_equal(
            getattr(loaded, name), getattr(saved, name), check_dtype=False
        )
    assert loaded.manifest == saved.manifest
    assert loaded.schemes == saved.schemes


def test_a_saved_run_is_loaded_again_from_parquet(default_run, tmp_path):
    pytest.importorskip("pyarrow")
    folder = default_run.save(tmp_path / "out")
    assert sorted(file.name for file in folder.iterdir()) == [
        "manifest.json",
        "quantization.csv",
        "results.parquet",
        "structures.parquet",
        "summary.csv",
    ]
    assert_same_run(load_run(folder), default_run)


@pytest.mark.usefixtures("without_pyarrow")
def test_a_saved_run_is_loaded_again_from_csv(default_run, tmp_path):
    folder = default_run.save(tmp_path / "out")
    assert (folder / "results.csv").is_file()
    assert (folder / "structures.csv").is_file()
    assert_same_run(load_run(folder), default_run)


def test_one_long_table_a_folder(default_run, tmp_path, request):
    pytest.importorskip("pyarrow")
    default_run.save(tmp_path)
    request.getfixturevalue("without_pyarrow")
    default_run.save(tmp_path)
    assert not (tmp_path / "results.parquet").exists()
    assert (tmp_path / "results.csv").exists()
    assert not (tmp_path / "structures.parquet").exists()
    default_run.by_energy_table("stonne").save(tmp_path)
    assert not (tmp_path / "structures.csv").exists()


def test_a_run_that_was_saved_without_structures_is_loaded(default_run, tmp_path):
    default_run.save(tmp_path)
    for file in tmp_path.glob("structures.*"):
        file.unlink()
    loaded = load_run(tmp_path)
    assert loaded.structures is None
    assert set(loaded.headline["structures"]) == {1}


@pytest.mark.usefixtures("without_pyarrow")
def test_parquet_without_pyarrow_is_explained(tmp_path):
    file = tmp_path / "results.parquet"
    file.write_bytes(b"")
    with pytest.raises(InputError) as error:
        load_run(tmp_path)
    assert str(error.value) == f"{file}: reading it needs pyarrow; install hwsim[parquet]"


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(InputError) as error:
        load_run(tmp_path)
    assert str(error.value) == (
        f"{tmp_path}: no saved run here; expected results.parquet or results.csv"
    )


@pytest.mark.usefixtures("without_pyarrow")
def test_a_missing_or_broken_file_is_named(default_run, tmp_path):
    default_run.save(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InputError) as error:
        load_run(tmp_path)
    assert str(error.value).startswith(f"{tmp_path / 'manifest.json'}: not what a run saves: ")
    (tmp_path / "summary.csv").unlink()
    with pytest.raises(InputError) as error:
        load_run(tmp_path)
    assert str(error.value) == f"{tmp_path / 'summary.csv'}: No such file or directory"


def test_plain_values_for_json(default_run):
    document = default_run.to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert list(document) == [
        "manifest",
        "headline",
        "structures",
        "totals",
        "layers",
        "components",
        "operands",
        "efficiency",
        "quantization",
        "beyond_limits",
    ]
    assert document["layers"][0]["cycles"] == int(default_run.layers["cycles"].iloc[0])


def test_a_text_of_the_parquet_that_is_no_text_is_refused(default_run, tmp_path):
    pytest.importorskip("pyarrow")
    default_run.save(tmp_path)
    file = tmp_path / "results.parquet"
    content = file.read_bytes()
    assert content.count(b"MULTIPLICATION")
    file.write_bytes(content.replace(b"MULTIPLICATION", b"\xf3ULTIPLICATION"))
    with pytest.raises(InputError, match=r"results\.parquet: not what a run saves: .*UTF8"):
        load_run(tmp_path)
