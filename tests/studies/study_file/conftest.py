import textwrap

import pytest

from hwsim.errors import InputError
from hwsim.studies.study_file import read_study, study_of


@pytest.fixture
def folder(tmp_path):
    """A folder with two files that stand for networks; nobody reads them."""
    for name in ("a.npz", "b.npz"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
def study(folder):
    """Read a study of ``a.npz`` from its other keys."""

    def made(**keys):
        return study_of({"study": "s", "model": "a.npz", **keys}, folder=folder)

    return made


@pytest.fixture
def refused(study):
    """Give what a study is refused with, problem by problem."""

    def told(**keys):
        with pytest.raises(InputError) as caught:
            study(**keys)
        return list(getattr(caught.value, "problems", [str(caught.value)]))

    return told


@pytest.fixture
def file_refused(folder):
    """Give the lines that a study file is refused with."""

    def told(text):
        path = folder / "s.yaml"
        path.write_text(textwrap.dedent(text).lstrip())
        with pytest.raises(InputError) as caught:
            read_study(path)
        return str(caught.value).replace(f"{path}", "s.yaml").replace(f"{folder}/", "").split("\n")

    return told


@pytest.fixture
def column():
    """Give the coordinates of a study's points along some axes."""

    def values(study, *axes):
        rows = [tuple(point.coordinates[axis] for axis in axes) for point in study.points]
        return [row[0] for row in rows] if len(axes) == 1 else rows

    return values
