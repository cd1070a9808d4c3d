"""Findings as text, JUnit XML and Markdown."""

import io
from xml.etree import ElementTree as Xml

import pytest
from rich.console import Console

from hwsim.reports.check_junit import check_junit, refusal_junit
from hwsim.reports.check_markdown import check_markdown, refusal_markdown
from hwsim.reports.check_report import check_report
from hwsim.studies.checks import CheckResult, Finding
from hwsim.studies.expectations import parse_expectation

CYCLES = parse_expectation("cycles <= baseline * 1.01 for layer3.*", "s.yaml, line 4")
ENERGY = parse_expectation("energy >= 12 uJ", "s.yaml, line 5")
RATIO = parse_expectation("energy_ratio > 0", "s.yaml, line 6")
FINDINGS = (
    Finding(CYCLES, "num_ms=64", "holds", 100000.0, 101000.0),
    Finding(CYCLES, "num_ms=128", "new", 99.0, reason="the baseline has no such point"),
    Finding(ENERGY, "num_ms=64", "fails", 9.0, 12.0, "uJ"),
    Finding(ENERGY, "num_ms=128", "error", reason="layer 'a|b' failed: <no>\x01 room"),
    Finding(RATIO, "num_ms=64", "holds", 0.000123456, 0.0),
    Finding(ENERGY, "num_ms=32", "fails", 4.5e8, 5e8, "pJ"),
)


@pytest.fixture
def result():
    def made(*findings, notes=()):
        provenance = {"hwsim": "1.2", "command": "hwsim check s.yaml"}
        return CheckResult("my_study", "2026-11-28T16:00:00+00:00", findings, notes, provenance)

    return made


def shown(report):
    text = io.StringIO()
    Console(file=text, width=100).print(report)
    return [line.rstrip() for line in text.getvalue().splitlines() if line.strip()]


def test_every_finding_is_in_the_table(result):
    lines = shown(check_report(result(*FINDINGS, notes=("mind it",))))
    assert [" ".join(line.split()) for line in lines if "───" not in line] == [
        "expectation",
        "point value bound margin",
        "cycles <= baseline * 1.01 for layer3.*",
        "num_ms=64 100,000 <= 101,000 0.99% holds",
        "num_ms=128 99.00 - - new",
        "the baseline has no such point",
        "energy >= 12 uJ",
        "num_ms=64 9.000 uJ >= 12.00 uJ -25.00% FAILS",
        "num_ms=128 - - - ERROR",
        "layer 'a|b' failed: <no>\x01 room",
        "energy_ratio > 0",
        "num_ms=64 0.0001235 > 0 - holds",
        "energy >= 12 uJ",
        "num_ms=32 450.0 uJ >= 500.0 uJ -10.00% FAILS",
        "margin: how far from failing, as a share of the bound; below 0 it fails",
        "check my_study: 1 cannot be evaluated, 2 failed, 1 new, 2 held",
        "note mind it",
    ]


def test_nothing_is_expected(result):
    assert shown(check_report(result())) == ["check  my_study: nothing is expected"]


def cases(text):
    return list(Xml.fromstring(text).iter("testcase"))


def test_junit_has_a_case_for_each_finding(result):
    text = check_junit(result(*FINDINGS))
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n<testsuites ')
    found = cases(text)
    assert [case.get("name") for case in found] == [
        f"{each.expectation.text} [{each.where}]" for each in FINDINGS
    ]
    outcomes = [[(child.tag, child.get("message")) for child in case] for case in found]
    assert outcomes == [
        [],
        [("skipped", "the baseline has no such point")],
        [("failure", "9.000 uJ, expected >= 12.00 uJ")],
        [("error", "layer 'a|b' failed: <no>\ufffd room")],
        [],
        [("failure", "450.0 uJ, expected >= 500.0 uJ")],
    ]
    assert found[2][0].text == (
        "s.yaml, line 5: energy >= 12 uJ [num_ms=64]\n"
        "value 9.000 uJ, expected >= 12.00 uJ, margin -25.00%"
    )
    assert found[3][0].text == (
        "s.yaml, line 5: energy >= 12 uJ [num_ms=128]\nlayer 'a|b' failed: <no>\ufffd room"
    )


#: Of the elements that readers of JUnit XML agree on: what may, and what has to be in each.
#: (github.com/testmoapp/junitxml describes them.)
ELEMENTS = {
    "testsuites": ({"testsuite"}, {"name", "tests", "failures", "errors", "skipped"}, set()),
    "testsuite": (
        {"properties", "testcase"},
        {"name", "tests", "failures", "errors", "skipped"},
        {"timestamp"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "testcase": ({"failure", "error", "skipped"}, {"name", "classname"}, set()),
    "failure": (set(), {"message", "type"}, set()),
    "error": (set(), {"message", "type"}, set()),
    "skipped": (set(), {"message"}, set()),
}


def assert_valid(text):
    root = Xml.fromstring(text)
    assert root.tag == "testsuites"
    for element in root.iter():
        children, required, optional = ELEMENTS[element.tag]
        assert {child.tag for child in element} <= children
        assert required <= set(element.keys()) <= required | optional
    for element in (root, *root):
        found = {
            "tests": len(list(element.iter("testcase"))),
            **{f"{tag}s": len(list(element.iter(tag))) for tag in ("failure", "error")},
            "skipped": len(list(element.iter("skipped"))),
        }
        assert {name: int(element.get(name)) for name in found} == found
    (suite,) = root
    assert len(suite.findall("testcase")) == int(suite.get("tests"))
    assert all(len(case) <= 1 for case in suite.iter("testcase"))


def test_junit_is_valid(result):
    text = check_junit(result(*FINDINGS))
    assert_valid(text)
    (suite,) = Xml.fromstring(text)
    assert (suite.get("name"), suite.get("timestamp")) == ("my_study", "2026-11-28T16:00:00")
    properties = [(each.get("name"), each.get("value")) for each in suite.iter("property")]
    assert properties == [("hwsim", "1.2"), ("command", "hwsim check s.yaml")]
    assert_valid(check_junit(result()))


def test_junit_of_a_study_that_cannot_be_checked():
    text = refusal_junit("my\x1bstudy", "s.yaml: 2 problems\na <b>")
    assert_valid(text)
    (case,) = cases(text)
    assert case.attrib == {"classname": "my\ufffdstudy", "name": "check"}
    (error,) = case
    assert (error.tag, error.get("type")) == ("error", "InputError")
    assert error.text == "s.yaml: 2 problems\na <b>"


def test_the_summary_has_what_needs_somebody_first(result):
    lines = check_markdown(result(*FINDINGS, notes=("a_b",))).splitlines()
    assert lines[0] == (
        "### hwsim check my&#95;study: 1 cannot be evaluated, 2 failed, 1 new, 2 held"
    )
    assert lines[2:4] == [
        "| | expectation | point | value | bound | margin |",
        "|---|---|---|--:|--:|--:|",
    ]
    assert lines[4] == (
        "| **cannot be evaluated** | <code>energy &#62;= 12 uJ</code> | num&#95;ms=128<br>"
        "layer 'a&#124;b' failed: &#60;no&#62;\ufffd room | - | - | - |"
    )
    assert lines[5] == (
        "| **fails** | <code>energy &#62;= 12 uJ</code> | num&#95;ms=64 | 9.000 uJ | "
        "&#62;= 12.00 uJ | -25.00% |"
    )
    assert [line.split(" | ")[0] for line in lines[6:10]] == [
        *("| **fails**", "| new", "| holds", "| holds"),
    ]
    assert lines[8].startswith(
        "| holds | <code>cycles &#60;= baseline &#42; 1.01 for layer3.&#42;<"
    )
    assert lines[11:] == ["- note: a&#95;b", "- by hwsim 1.2, 2026-11-28T16:00:00+00:00"]


def test_a_summary_stays_small(result):
    text = check_markdown(result(*[FINDINGS[0]] * 2000, *FINDINGS))
    assert text.count("\n|") == 2 + 2000
    assert "\nand 6 more\n" in text
    assert text.index("**cannot") < text.index("holds")
    assert "more" not in check_markdown(result(*[FINDINGS[0]] * 2000))


def test_the_summary_of_a_study_that_cannot_be_checked():
    assert refusal_markdown("a_b", "s.yaml: 2 problems\n#1 <x>") == (
        "### hwsim check a&#95;b: cannot be evaluated\n\ns.yaml: 2 problems\n\n&#35;1 &#60;x&#62;\n"
    )


def test_markup_is_text(result):
    odd = parse_expectation('cycles("a`[x](y)~#!\\\\") <= 1')
    text = check_markdown(result(Finding(odd, "x", "holds", 1.0, 1.0)))
    code = text.split("<code>")[1].split("</code>")[0]
    assert not set("`[]~!\\|*_") & set(code)
    assert code.count("#") == code.count("&#")


def test_numbers_have_no_blanks_around(result):
    ratio = Finding(RATIO, "x", "fails", 0.0, 0.5)
    (case,) = cases(check_junit(result(ratio)))
    assert case[0].get("message") == "0, expected > 0.5000"
