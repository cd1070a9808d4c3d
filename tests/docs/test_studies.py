"""What the page on studies shows is read, and told, as it stands there."""

import re
from pathlib import Path

import pytest

from hwsim.errors import InputError
from hwsim.studies.study_file import read_study

pytestmark = pytest.mark.outside

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "docs" / "studies.md").read_text(encoding="utf-8")


@pytest.fixture
def study(tmp_path, monkeypatch):
    """The study of the page, in a folder with its networks."""
    (text,) = re.findall(r"<!-- study -->\n```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    (tmp_path / "nets").mkdir()
    for model in ("resnet20.npz", "nets/vgg.npz"):
        (tmp_path / model).touch()
    monkeypatch.chdir(tmp_path)
    path = Path("study.yaml")
    path.write_text(text)
    return path


def test_the_study_is_one(study):
    read = read_study(study)
    # 3 sizes or 1, 2 nodes, 2 activations, 2 networks; dense, 4 levels of two seeds and of one.
    everywhere = 8 * (3 + 1) * (1 + 4 * 2 + 4)
    assert len(read.points) == everywhere - 8 * 2 * 4
    assert read.notes == (
        "eyeriss_v2 has no parameter num_ms: evaluated once, as it is",
        "no sparsity to set, evaluated without: dense",
        "no seed to set, evaluated without: dense, pruned:method=magnitude",
    )


def test_networks_may_have_options_of_their_own(study):
    (text,) = re.findall(r"<!-- networks -->\n```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    Path("nets/bert.onnx").touch()
    study.write_text(text)
    points = read_study(study).points
    assert [point.coordinates["model"] for point in points] == ["resnet20.npz"] * 3 + ["bert"] * 3
    assert [point.request.tokens for point in points[2:4]] == [(), ("128",)]
    assert points[5].request.layers == ("encoder.*",)


def test_its_problems_are_told_as_the_page_says(study):
    text = study.read_text()
    for said, slip in (
        ("eyeriss_v2]", "eyeris_v2]"),
        ("64, 128, 256", "64, 100"),
        ("45 nm", "4 nm"),
        ("  eyeriss_v2: {macs: 4}\n", ""),
        ("study: sizes\n", ""),
    ):
        text = text.replace(said, slip)
    study.write_text(text)
    with pytest.raises(InputError) as caught:
        read_study(study)
    (shown,) = re.findall(r"```\nerror: (study.yaml: .*?)```", PAGE, flags=re.DOTALL)
    assert f"{caught.value}\n" == shown


def test_the_table_has_the_axes_in_order(study):
    table = PAGE[PAGE.index("## Axes") : PAGE.index("**Machines.**")]
    axes = re.findall(r"^\| `(\w+)`", table, flags=re.MULTILINE)
    named = [axis for axis in axes if axis != "set"]
    assert [axis for axis in read_study(study).axes if axis in named] == named


def test_every_key_of_the_file_is_on_the_page():
    from hwsim.studies.study_file import study_schema

    schema = study_schema()
    explore = schema["$defs"]["ExploreSection"]["properties"]
    missing = [key for key in (*schema["properties"], *explore) if f"`{key}`" not in PAGE]
    assert missing == []
