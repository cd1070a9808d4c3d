"""Names and files of a study."""

import pytest

from hwsim.errors import InputError
from hwsim.studies.study_file.names import existing, name_or_file


@pytest.mark.parametrize("text", ["sigma", "unknown", "sigma.txt"])
def test_what_is_no_file_is_a_name(folder, text):
    (folder / "sigma").touch()
    assert name_or_file(text, ["sigma"], folder) == text


@pytest.mark.parametrize("text", ["mine", "no.yaml", "no.yml", "nets/no", "a/b/no"])
def test_a_file_is_known_by_its_look_or_because_it_is_there(folder, text):
    (folder / "mine").touch()
    assert name_or_file(text, ["sigma"], folder) == folder / text


def test_a_folder_is_no_file_but_is_there(folder):
    (folder / "shards").mkdir()
    assert name_or_file("shards", [], folder) == "shards"
    assert existing("shards", folder) == folder / "shards"
    with pytest.raises(InputError, match="other: no such file"):
        existing("other", folder)
