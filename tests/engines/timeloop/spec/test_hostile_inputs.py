"""Whatever stands in the inputs: a result, or one line that says what is wrong; and soon."""

import copy
import signal
import time

import pytest

import hwsim
from hwsim.engines.timeloop.spec._arithmetic import number_of
from hwsim.errors import InputError
from tests.engines.timeloop.spec.inputs import (
    inputs,
    inside,
    places_in,
    sparse_inputs,
    write_parts,
)

VALUES = [
    10**20, 10**400, 2**53, 2**62, -1, 0, -(10**20), 1e300, -1e308, float("nan"), float("inf"),
    "x", "", None, [], {}, [[]], [1], True, 0.5, "round(1,-999999999)", "9**9**9", "1e400",
    {"a": {"b": 1}}, "K=99999999999999999999999", "M=99999999999999999 N=6 K=1",
]  # fmt: skip


def attempts():
    """Every value at some place, every place with some values."""
    places = [path for path, _ in places_in(sparse_inputs())]
    for number, path in enumerate(places):
        for step in range(4):
            yield path, VALUES[(number * 7 + step * 11) % len(VALUES)]


def test_no_value_breaks_the_reading():
    def too_long(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, too_long)
    refused = 0
    try:
        for path, value in attempts():
            given = sparse_inputs()
            inside(given, path[:-1])[path[-1]] = copy.deepcopy(value)
            signal.alarm(20)
            try:
                hwsim.evaluate_timeloop(given).to_dict()
            except InputError:
                refused += 1
            except BaseException as error:
                raise AssertionError(f"{path} = {value!r:.60}") from error
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert refused > 300


def refusal(given):
    with pytest.raises(InputError) as caught:
        hwsim.evaluate_timeloop(given)
    return str(caught.value)


def test_an_anchor_that_contains_itself(tmp_path):
    file = tmp_path / "self.yaml"
    file.write_text("problem: &a {x: *a}\n", encoding="utf-8")
    assert refusal([file]) == (
        f"{file}, line 1: malformed YAML: a reference to what it stands in itself"
    )
    file.write_text("architecture:\n  nodes: &a\n  - nodes: *a\n", encoding="utf-8")
    assert refusal([file]) == (
        f"{file}, line 2: malformed YAML: a reference to what it stands in itself"
    )


def test_data_that_contain_themselves():
    given = inputs()
    given["architecture"]["subtree"][0]["subtree"] = given["architecture"]["subtree"]
    assert refusal(given) == "inputs: holds itself, or is nested too deeply"


def test_references_that_multiply(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    file = tmp_path / "many.yaml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    started = time.monotonic()
    assert refusal([file]) == (
        f"{file}, line 7: malformed YAML: more than 10,000,000 parts by its references"
    )
    assert time.monotonic() - started < 5


def test_numbers_beyond_those_that_are_exact():
    given = inputs()
    given["problem"]["instance"]["M"] = 10**20
    assert refusal(given) == (
        "inputs: problem.instance.M: expected a whole number, 2^53 at most. "
        "Got 100000000000000000000"
    )
    given["problem"]["instance"] |= {"M": 2**50, "K": 2**50, "N": 2**50}
    assert refusal(given) == (
        "inputs: problem.instance: the dimensions multiply up to 1.43e+45 operations; 2^62 are "
        "counted at most"
    )
    given = inputs()
    given["problem"]["shape"]["coefficients"] = [{"name": "step", "default": 2**53}]
    given["problem"]["shape"]["data_spaces"][0]["projection"] = [[["M", "step"], ["K", "step"]]]
    given["problem"]["instance"] |= {"M": 4096, "K": 4096}
    assert refusal(given) == (
        "inputs: problem.instance: A has 7.38e+19 words; 2^62 are counted at most"
    )


@pytest.mark.parametrize(
    "text",
    [
        "round(1,-999999999)",
        "round(1, 999999999)",
        "round(1, 309)",
        "9**9**9",
        "*".join(["9" * 19] * 9) + "**99",
        "a",
        "(" * 150 + "1" + ")" * 150,
        "sqrt(0-1)",
        "log2(0)",
        "ceil(1e400)",
        "max()",
        "pow(1)",
        "1/0",
        "1 if 1 else 2",
        "__import__('os')",
    ],
)
def test_expressions_that_have_no_value_end_soon(text):
    names = {"a": "*".join("b" * 60)}
    names |= {chr(97 + n): "*".join(chr(98 + n) * 60) for n in range(1, 9)} | {"j": 3}
    started = time.monotonic()
    assert number_of(text, names) is None
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("64 * 1024", 65536),
        ("rows * 4", 16),
        ("round(2.5)", 2),
        ("round(1234.5678, 2)", 1234.57),
        ("round(1250, -2)", 1200),
        ("round(0.5, 308)", 0.5),
        ("ceil(log2(rows + 1))", 3),
        ("2 ** 12", 4096),
        ("-rows // 3 % 2", 0),
        ("max(rows, 7, 2) - min(rows, 7)", 3),
        (" 8 ", 8),
        ("1e3", 1000),
    ],
)
def test_expressions(text, value):
    assert number_of(text, {"rows": "two * two", "two": 2}) == value


def test_expressions_may_be_so_long_and_no_longer():
    assert number_of(" 1" + "+1" * 99, {}) == 100  # of 200 characters
    assert number_of("  1" + "+1" * 99, {}) is None
    chain = {f"n{depth}": f"n{depth + 1}" for depth in range(8)}
    assert number_of("n0", {**chain, "n8": 5}) == 5
    assert number_of("n0", {**chain, "n8": "n9", "n9": 5}) is None
    # 69 names and 68 additions, each name of 14 ones and 13 additions: 2000 parts
    parts = "+".join("a" * 69)
    ones = {"a": "+".join("1" * 14)}
    assert number_of(parts, ones) == 69 * 14
    assert number_of(f"-({parts})", ones) is None
    powers = {"a": 2**511, "b": 2**512, "c": 2**513}
    assert number_of("a * b", powers) == 2**1023
    assert number_of("a * c", powers) is None
    assert number_of("round(5, -308)", {}) == 0
    assert number_of("round(5, -309)", {}) is None


def test_what_stands_for_no_number():
    assert number_of("a", {"a": True}) is None
    assert number_of("a", {"a": [1]}) is None
    assert number_of("a", {}) is None
    assert number_of("+1", {}) == 1
    assert number_of("~a", {"a": 1}) is None
    assert number_of("max(a, 2)", {"a": 1.5}) == 2
    assert number_of("max(a, key=2)", {"a": 1.5}) is None


def test_ranks_without_dimensions_and_optimizations_without_options():
    given = inputs()
    given["problem"]["shape"]["data_spaces"][0]["projection"] = []
    assert refusal(given) == (
        "inputs: problem.shape.data_spaces[0].projection: expected at least one rank"
    )
    given["problem"]["shape"]["data_spaces"][0]["projection"] = [[]]
    assert refusal(given) == (
        "inputs: problem.shape.data_spaces[0].projection[0]: expected at least one dimension"
    )
    given = sparse_inputs()
    given["sparse_optimizations"]["targets"][2]["action_optimization"][0]["options"] = []
    assert refusal(given) == (
        "inputs: sparse_optimizations.targets[2].action_optimization[0].options: expected at "
        "least one option"
    )


def test_repeated_keys(tmp_path):
    paths = write_parts(tmp_path, inputs())
    text = paths[1].read_text(encoding="utf-8").replace("    M: 4\n", "    M: 4\n    M: 8\n")
    line = text[: text.index("    M: 8")].count("\n") + 1
    paths[1].write_text(text, encoding="utf-8")
    assert refusal(paths) == (f"{paths[1]}, line {line}: malformed YAML: the key 'M' stands twice")


def test_repeated_roots(tmp_path):
    paths = write_parts(tmp_path, inputs())
    second = tmp_path / "second.yaml"
    second.write_text("# another\n" + paths[1].read_text(encoding="utf-8"), encoding="utf-8")
    assert refusal([*paths, second]) == (
        f"{second}, line 2: 'problem' stands in {paths[1]}, line 1 too; keep one of them"
    )
    assert refusal({**inputs(), "arch": inputs()["architecture"]}) == (
        "inputs: both 'arch' and 'architecture' are given; keep one of them"
    )


def test_roots_of_other_tools_may_stand_in_several_files(tmp_path):
    paths = write_parts(tmp_path, inputs())
    for name in ("one", "two"):
        file = tmp_path / f"{name}.yaml"
        file.write_text("compound_components: {version: 0.3, classes: []}\n", encoding="utf-8")
        paths.append(file)
    assert hwsim.evaluate_timeloop(paths).to_dict() == hwsim.evaluate_timeloop(inputs()).to_dict()


def test_one_anchor_in_two_files(tmp_path):
    paths = write_parts(tmp_path, inputs())
    for path, key in zip(paths[:2], ("subtree:", "data_spaces:"), strict=True):
        text = path.read_text(encoding="utf-8").replace(key, f"{key} &here", 1)
        path.write_text(text, encoding="utf-8")
    found = hwsim.evaluate_timeloop(paths)
    assert found.to_dict() == hwsim.evaluate_timeloop(inputs()).to_dict()


def test_a_reference_is_to_the_last_anchor_of_its_name(tmp_path):
    given = inputs()
    paths = write_parts(tmp_path, given)
    text = paths[1].read_text(encoding="utf-8")
    text = text.replace("    M: 4\n    N: 6\n", "    M: &n 4\n    N: &n 6\n").replace(
        "K: 8", "K: *n"
    )
    paths[1].write_text(text, encoding="utf-8")
    given["problem"]["instance"]["K"] = 6
    paths[2].write_text(paths[2].read_text(encoding="utf-8").replace("K=8", "K=6"))
    given["mapping"][3]["factors"] = "M=1 N=1 K=6"
    assert hwsim.evaluate_timeloop(paths).cycles == hwsim.evaluate_timeloop(given).cycles


def test_sizes_and_prices_are_not_negative():
    given = inputs()
    memory = given["architecture"]["subtree"][0]["local"][0]["attributes"]
    memory["read_bandwidth"] = -2
    where = "inputs: architecture.subtree[0].local[0].attributes"
    assert refusal(given) == f"{where}.read_bandwidth: expected 0 or more. Got -2"
    memory |= {"read_bandwidth": 2, "x-hwsim": {"area": -1.0}}
    assert refusal(given) == f"{where}.x-hwsim.area: expected 0 or more. Got -1.0"
    memory["x-hwsim"] = {"bits": 5}
    assert refusal(given).startswith(f"{where}.x-hwsim.bits: expected bits by data space, e.g. {{")
    del memory["x-hwsim"]
    given["ART"] = {"tables": [{"name": "system.GLB", "area": -3}]}
    assert refusal(given) == "inputs: ART.tables[0].area: expected 0 or more. Got -3"
    given["ART"] = {"version": "x", "tables": []}
    assert refusal(given) == "inputs: ART.version: expected a number. Got 'x'"
    given["ART"] = {"version": -1, "tables": []}
    assert refusal(given) == "inputs: ART.version: expected 0.1 or more. Got -1"
    del given["ART"]
    for energy, words in ((-1.0, "0 or more"), (1e13, "1e+12 pJ at most")):
        entry = {"name": "system.GLB", "actions": [{"name": "read", "energy": energy}]}
        given["ERT"] = {"version": 0.4, "tables": [entry]}
        assert refusal(given) == (
            f"inputs: ERT.tables[0].actions[0].energy: expected {words}. Got {energy!r}"
        )


def test_a_word_that_yaml_takes_for_a_truth_is_no_permutation():
    """NO and ON may be two dimensions; they were taken for nothing, and for True."""
    given = inputs()
    directive = next(each for each in given["mapping"] if "permutation" in each)
    directive["permutation"] = False
    assert refusal(given).endswith(".permutation: expected a text (in quotes) or a list. Got False")


def test_tables_under_keys_that_are_numbers():
    given = inputs(ERT={"tables": {1: {2: {"energy": 3}}}})
    assert hwsim.evaluate_timeloop(given).cycles == hwsim.evaluate_timeloop(inputs()).cycles
