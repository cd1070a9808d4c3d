"""Inputs of Timeloop's Python front end: templates, included files, ``<<<``."""

import copy

import pytest
import yaml

import hwsim
from hwsim.errors import InputError
from tests.engines.timeloop.designs import gemm
from tests.engines.timeloop.spec.inputs import inputs

TOP = """
{{add_to_path(cwd() ~ '/parts')}}
architecture: {{include('architecture.yaml', 'architecture')}}
problem: {{include(layer ~ '.yaml', 'problem')}}
mapping:
  {{include('mapping.yaml', 'mapping')}}
{% if path_exists('parts/ERT.yaml') %}
{{include_text('parts/ERT.yaml')}}
{% endif %}
"""


@pytest.fixture
def design(tmp_path):
    (tmp_path / "parts").mkdir()
    for name, part in inputs().items():
        text = yaml.safe_dump({name: part}, sort_keys=False)
        (tmp_path / "parts" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "top.yaml.jinja2").write_text(TOP, encoding="utf-8")
    return tmp_path


def refusal(files, **values):
    with pytest.raises(InputError) as caught:
        hwsim.evaluate_timeloop(files, values)
    return str(caught.value)


def test_a_template_is_the_files_that_it_includes(design):
    found = hwsim.evaluate_timeloop([design / "top.yaml.jinja2"], {"layer": "problem"})
    assert found.to_dict() == hwsim.evaluate_timeloop(inputs()).to_dict()


def test_messages_name_the_included_file_and_its_line(design):
    file = design / "parts" / "problem.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("M: 4", "M: x"), encoding="utf-8")
    words = refusal([design / "top.yaml.jinja2"], layer="problem")
    line = 1 + file.read_text(encoding="utf-8").splitlines().index("    M: x")
    assert words == f"{file}, line {line}: problem.instance.M: expected a number. Got 'x'"
    file.write_text("problem: [", encoding="utf-8")
    words = refusal([design / "top.yaml.jinja2"], layer="problem")
    assert words.startswith(f"{file}, line ")
    assert "malformed YAML" in words
    file.write_text("other: 1", encoding="utf-8")
    words = refusal([design / "top.yaml.jinja2"], layer="problem")
    assert words.endswith(f"malformed YAML: {file} has no key problem")


def test_a_value_that_is_missing_and_one_that_nothing_asks_for(design):
    file = design / "top.yaml.jinja2"
    assert refusal([file]) == (
        f"{file}: 'layer' is undefined; give it a value with --define NAME=VALUE"
    )
    plain = design / "parts" / "problem.yaml"
    assert "so that the value of 'layer' is used nowhere" in refusal([plain], layer="problem")


BASE = """
problem_base_ignore: &base
  version: 0.4
  shape: {shape}
  instance: {{M: 1, N: 1, K: 1, densities: {{A: 0.5}}}}
"""


def merged(tmp_path, own):
    shape = yaml.safe_dump(gemm(1, 1, 1)["shape"], default_flow_style=True, width=9999).strip()
    (tmp_path / "problem_base.yaml").write_text(BASE.format(shape=shape), encoding="utf-8")
    folder = tmp_path / "layers"
    folder.mkdir(exist_ok=True)
    text = "{{include_text('../problem_base.yaml')}}\nproblem:\n  <<<: *base\n  " + own
    (folder / "00.yaml").write_text(text, encoding="utf-8")
    rest = {key: part for key, part in inputs().items() if key != "problem"}
    (folder / "rest.yaml").write_text(yaml.safe_dump(rest), encoding="utf-8")
    return [folder / "00.yaml", folder / "rest.yaml"]


def test_layer_shapes_that_merge_into_a_base_in_the_folder_around(tmp_path):
    """As all layers of the exercises and of CiMLoop are written."""
    files = merged(tmp_path, "instance: {M: 4, N: 6, K: 8}\n")
    expected = hwsim.evaluate_timeloop(inputs(problem=gemm(4, 6, 8, A=0.5)))
    found = hwsim.evaluate_timeloop(files)
    assert found.to_dict() == expected.to_dict()
    assert found.notes == ()  # keys with "ignore" in them are there to be referred to


def test_what_stands_there_wins_over_the_base(tmp_path):
    files = merged(tmp_path, "instance: {M: 4, N: 6, K: 8, densities: {A: 1.0}}\n")
    expected = hwsim.evaluate_timeloop(inputs(problem=gemm(4, 6, 8)))
    assert hwsim.evaluate_timeloop(files).to_dict() == expected.to_dict()


def test_three_signs_take_one_mapping(tmp_path):
    files = merged(tmp_path, "instance: {<<<: [{M: 4}], N: 6, K: 8}\n")
    assert refusal(files).endswith("malformed YAML: '<<<' takes one mapping")


def test_a_base_is_not_changed_by_those_who_take_it(tmp_path):
    text = "{a: &a {x: {y: 1}}, b: {<<<: *a, x: {z: 2}}, c: {<<<: *a}}"
    from hwsim.engines.timeloop.spec._yaml_text import load_yaml

    assert load_yaml(text)[1] == {
        "a": {"x": {"y": 1}},
        "b": {"x": {"z": 2, "y": 1}},
        "c": {"x": {"y": 1}},
    }


def test_merging_what_refers_to_itself_ends(tmp_path):
    file = tmp_path / "loop.yaml"
    file.write_text("problem: &p {<<<: *p, instance: *p}\n", encoding="utf-8")
    assert "malformed YAML" in refusal([file])
    lines = ["a0: &a0 {x: {x: {x: 1}}}"]
    lines += [f"a{n}: &a{n} {{<<<: *a{n - 1}, x: *a{n - 1}, y: *a{n - 1}}}" for n in range(1, 60)]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert "malformed YAML" in refusal([file])


def test_a_name_that_no_template_made(tmp_path):
    file = tmp_path / "made_up.yaml"
    file.write_text("problem: !include_loaded included_0\n", encoding="utf-8")
    assert "no file is included here as 'included_0'" in refusal([file])


def test_variables_may_be_a_list_of_mappings():
    given = inputs()
    given["variables"] = [{"version": 0.4}, {"rows": 4}, {"rows": 8}]
    given["problem"] = copy.deepcopy(given["problem"])
    given["problem"]["instance"]["K"] = "rows"
    assert hwsim.evaluate_timeloop(given).to_dict() == hwsim.evaluate_timeloop(inputs()).to_dict()
