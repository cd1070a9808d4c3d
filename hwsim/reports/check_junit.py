"""The findings of a check as JUnit XML, which continuous integration shows test by test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as Xml

from hwsim.reports._check_words import bound_words, margin_words, value_words

if TYPE_CHECKING:
    from hwsim.studies.checks import CheckResult, Finding

#: What XML 1.0 cannot hold, not even escaped (section 2.2).
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SUITE: Final = "hwsim check"


def check_junit(result: CheckResult) -> str:
    """Write a test case for each finding: failures failed, errors cannot be evaluated."""
    root, suite = _suites(
        result.study,
        tests=len(result.findings),
        failures=result.count("fails"),
        errors=result.count("error"),
        skipped=result.count("new"),
    )
    suite.set("timestamp", result.date.removesuffix("+00:00"))
    properties = Xml.SubElement(suite, "properties")
    for name in ("hwsim", "command"):
        value = _clean(str(result.provenance.get(name) or ""))
        Xml.SubElement(properties, "property", name=name, value=value)
    for each in result.findings:
        _case(suite, result.study, each)
    return _text(root)


def refusal_junit(study: str, problem: str) -> str:
    """Write that a study could not be checked at all, as one test with an error."""
    root, suite = _suites(study, tests=1, failures=0, errors=1, skipped=0)
    case = Xml.SubElement(suite, "testcase", classname=_clean(study), name="check")
    _outcome(case, "error", "InputError", problem, problem)
    return _text(root)


def _suites(study: str, **counts: int) -> tuple[Xml.Element, Xml.Element]:
    numbers = {name: str(count) for name, count in counts.items()}
    root = Xml.Element("testsuites", {"name": _SUITE, **numbers})
    return root, Xml.SubElement(root, "testsuite", {"name": _clean(study), **numbers})


def _case(suite: Xml.Element, study: str, finding: Finding) -> None:
    name = f"{finding.expectation.text} [{finding.where}]"
    case = Xml.SubElement(suite, "testcase", classname=_clean(study), name=_clean(name))
    place = f"{finding.expectation.place}: {name}"
    if finding.state == "fails":
        words = f"{value_words(finding)}, expected {bound_words(finding)}"
        text = f"{place}\nvalue {words}, margin {margin_words(finding)}"
        _outcome(case, "failure", "Expectation", words, text)
    elif finding.state == "error":
        _outcome(case, "error", "NotEvaluated", finding.reason, f"{place}\n{finding.reason}")
    elif finding.state == "new":
        Xml.SubElement(case, "skipped", message=_clean(finding.reason))


def _outcome(case: Xml.Element, tag: str, kind: str, message: str, text: str) -> None:
    Xml.SubElement(case, tag, type=kind, message=_clean(message)).text = _clean(text)


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)


def _text(root: Xml.Element) -> str:
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'
