"""Templates: the front end's functions, what they may reach, and that they end."""

import time

import pytest

from hwsim.errors import InputError
from hwsim.templates import FilledTexts, fill_templates, is_template
from hwsim.templates.filled import Refusal, TemplateTexts
from hwsim.templates.sandbox import filled_texts


def fill(folder, text, name="top.yaml.jinja2", reach=None, **values):
    """Fill in one text as the process does, in this one."""
    reach = [folder] if reach is None else reach
    asked = TemplateTexts((str(folder / name),), (text,), tuple(map(str, reach)), values)
    return filled_texts(asked)


def text_of(folder, text, **more):
    found = fill(folder, text, **more)
    assert isinstance(found, FilledTexts), found
    return found.texts[0]


def refusal(folder, text, **more):
    found = fill(folder, text, **more)
    assert isinstance(found, Refusal), found
    return found.reason


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.yaml").write_text("a: {inside: [1, 2]}\n", encoding="utf-8")
    (tmp_path / "parts" / "b.yaml").write_text("b: {{size * 2}}\n", encoding="utf-8")
    return tmp_path


def test_what_is_a_template():
    assert is_template("a: {{b}}")
    assert is_template("{% if b %}{% endif %}")
    assert not is_template("a: {b: {c: 1}}")


def test_values_conditions_and_loops(tree):
    text = "{% if size > 3 %}big: {{size}}{% endif %}{% for i in range(3) %} {{i}}{% endfor %}"
    assert text_of(tree, text, size=4) == "big: 4 0 1 2"


def test_included_text_is_filled_in_with_the_same_values(tree):
    assert text_of(tree, "{{include_text('parts/b.yaml')}}\nc: 1", size=3) == "b: 6\nc: 1"


def test_included_content_stands_under_a_name(tree):
    found = fill(tree, "x: {{include('parts/a.yaml', 'a.inside')}}")
    assert found.texts == ("x: !include_loaded included_0.a.inside",)
    assert found.included == {"included_0": ((str(tree / "parts/a.yaml"), "a: {inside: [1, 2]}"),)}
    found = fill(tree, "x: {{include_all('parts/*.yaml')}}", size=1)
    assert [path for path, _ in found.included["included_0"]] == [
        str(tree / "parts/a.yaml"),
        str(tree / "parts/b.yaml"),
    ]


def test_folders_that_are_searched(tree):
    assert text_of(tree, "{{cwd()}}") == str(tree)
    assert text_of(tree, "{{path_exists('a.yaml')}}") == "False"
    added = "{{add_to_path(cwd() ~ '/parts')}}{{path_exists('a.yaml')}} {{find_path('a.yaml')}}"
    assert text_of(tree, added) == f"True {tree / 'parts/a.yaml'}"
    assert text_of(tree, "{{find_paths('parts/*.yaml') | length}}") == "2"
    # What is included looks beside itself first, and then where the one who includes it looks.
    (tree / "parts" / "c.yaml").write_text("{{include_text('a.yaml')}}", encoding="utf-8")
    assert text_of(tree, "{{include_text('parts/c.yaml')}}") == "a: {inside: [1, 2]}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{missing}}", "'missing' is undefined; give it a value with --define NAME=VALUE"),
        ("{{include('no.yaml')}}", "no file no.yaml in {folder}"),
        ("{{include('parts/*.yaml')}}", "include_all takes several"),
        ("{{include_text('/etc/passwd')}}", "/etc/passwd leads out of the inputs' folders"),
        ("{{path_exists('/etc/passwd')}}", "/etc/passwd leads out of the inputs' folders"),
        ("{{find_paths('/etc/pass*')}}", "/etc/pass* leads out of the inputs' folders"),
        ("{% include '/etc/passwd' %}", "/etc/passwd leads out of the inputs' folders"),
        ("{{include_text('link.yaml')}}", "link.yaml leads out of the inputs' folders"),
        ("{{include_text('notes.txt')}}", "is no YAML file, and is not included"),
        ("{{include_text('self.yaml')}}", "included 16 files deep; does it include itself?"),
        ("{{setenv('A', 1)}}", "setenv('A', 1) is not followed"),
        ("{{''.__class__.__mro__}}", "access to attribute '__class__' of 'str' object is unsafe"),
        ("{{cwd.__globals__}}", "access to attribute '__globals__'"),
        ("{% for %}", "line 1: malformed template: "),
        ("{{1 / 0}}", "the template cannot be filled in: division by zero"),
        ("{% for i in range(10 ** 9) %}{% endfor %}", "Range too big"),
    ],
)
def test_what_is_refused(tree, text, expected):
    (tree / "link.yaml").symlink_to("/etc/passwd")
    (tree / "notes.txt").write_text("secret", encoding="utf-8")
    (tree / "self.yaml").write_text("{{include_text('self.yaml')}}", encoding="utf-8")
    words = refusal(tree, text)
    assert expected.format(folder=tree) in words
    assert "\n" not in words
    assert "root:" not in words
    assert "secret" not in words


def test_the_folder_around_is_in_reach_and_the_next_is_not(tmp_path):
    inner = tmp_path / "around" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "around" / "base.yaml").write_text("base: 1\n", encoding="utf-8")
    (tmp_path / "far.yaml").write_text("far: 1\n", encoding="utf-8")
    file = inner / "top.yaml"
    assert fill_templates([file], ["{{include_text('../base.yaml')}}"], {}).texts == ("base: 1",)
    with pytest.raises(InputError, match="leads out of the inputs' folders"):
        fill_templates([file], ["{{include_text('../../far.yaml')}}"], {})


@pytest.mark.outside
@pytest.mark.parametrize(
    "text",
    [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 'x' * 10 ** 10 }}",
        "{{ '%0999999999d' % 1 }}",
        "{{ 10 ** (10 ** 10) }}",
    ],
    ids=["loops", "product", "width", "power"],
)
def test_no_template_takes_long_or_much(tmp_path, text):
    start = time.monotonic()
    with pytest.raises(InputError) as caught:
        fill_templates([tmp_path / "top.yaml"], [text], {})
    assert "the template takes more" in str(caught.value) or "the template cannot" in str(
        caught.value
    )
    assert time.monotonic() - start < 20
