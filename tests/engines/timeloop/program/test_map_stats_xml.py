"""map+stats.xml as Timeloop leaves it: without its last closing tag, and nothing else missing."""

import pytest

from hwsim.engines.timeloop.program import map_stats_xml
from hwsim.engines.timeloop.program.map_stats_xml import _parse, read_map_stats
from hwsim.errors import InputError

SPACES = ("Weights", "Inputs", "Outputs")


def per_space(name, *values):
    items = "".join(f"<item>{value}</item>" for value in (*values, 0))
    return f"<{name}><PerDataSpace>{items}</PerDataSpace></{name}>"


def buffer_level(name, instances, cycles, energy):
    counts = "".join(
        per_space(f"{how}_{action}", *values)
        for how, values in (("random", (7, 8, 9)), ("gated", (1, 0, 0)), ("skipped", (0, 0, 2)))
        for action in ("reads", "fills", "updates")
    )
    return (
        f"<item><px><specs_><LevelSpecs><level_name>{name}</level_name></LevelSpecs>"
        f"<instances><t_>{instances}</t_></instances></specs_><stats_>"
        + per_space("keep", 1, 1, 0)
        + per_space("utilized_instances", 1.5, 2, 0)
        + per_space("energy", *energy)
        + counts
        + f"<cycles>{cycles}</cycles></stats_></px></item>"
    )


CONTENT = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>\n<!DOCTYPE boost_serialization>\n'
    '<boost_serialization signature="serialization::archive" version="18">\n'
    "<engine><topology_><levels_><count>2</count><item><px><specs_><LevelSpecs>"
    "<level_name>MAC</level_name></LevelSpecs><instances><t_>4</t_></instances></specs_>"
    "<energy_>1.25e+02</energy_><cycles_>50</cycles_><algorithmic_computes_>200"
    "</algorithmic_computes_><random_computes_>90</random_computes_><gated_computes_>30"
    "</gated_computes_><skipped_computes_>80</skipped_computes_></px></item>"
    + buffer_level("GLB", 2, 60, (10.5, 20, 0))
    + "</levels_></topology_></engine><a><workload_></workload_></a>\n"
)


def written(tmp_path, text):
    file = tmp_path / "timeloop-model.map+stats.xml"
    file.write_text(text)
    return file


@pytest.mark.parametrize("ending", ["", "</boost_serialization>\n"])
def test_counts_and_energy(tmp_path, ending):
    found = read_map_stats(written(tmp_path, CONTENT + ending), SPACES)
    assert found.cycles == 60
    assert found.access_energy_pj == 125 + 1.5 * 10.5 + 2 * 20
    assert list(found.levels["GLB"]) == ["Weights", "Inputs"]
    activity = found.activity
    assert activity.by_action()["GLB", "Weights", "reads"] == 1.5 * 7
    assert activity.by_action()["GLB", "Weights", "gated_fills"] == 1.5
    assert activity.by_action()["MAC", "MAC", "skipped_computes"] == 80
    assert activity.instances == {("MAC", "MAC"): 4, ("GLB", "Weights"): 2, ("GLB", "Inputs"): 2}
    assert activity.utilization == 120 / (4 * 60)
    assert (activity.macs, activity.effectual_macs) == (200, 90)


def refused(tmp_path, text):
    file = written(tmp_path, text)
    with pytest.raises(InputError) as error:
        read_map_stats(file, SPACES)
    return str(error.value).removeprefix(f"{file}: ")


def test_cut_short(tmp_path):
    assert refused(tmp_path, CONTENT[: len(CONTENT) // 2]) == "ends too early"


def test_entities_are_refused(tmp_path):
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>'
    assert refused(tmp_path, bomb) == (
        "declares an XML entity or attribute (a); results of Timeloop have none"
    )


def test_attributes_with_defaults_are_refused(tmp_path):
    bomb = f'<!DOCTYPE a [<!ATTLIST a b CDATA "{"x" * 1000}">]>\n<a>{"<a/>" * 10}</a>'
    assert refused(tmp_path, bomb) == (
        "declares an XML entity or attribute (a); results of Timeloop have none"
    )


def test_what_is_no_level_is_not_kept(tmp_path):
    path = tmp_path / "x.xml"
    levels = "<engine><topology_><levels_/></topology_></engine>"
    path.write_text(f"<a><b>{chr(60)}c/></b>{levels}</a>")
    root = _parse(path)
    assert [each.tag for each in root.iter()] == ["a", "engine", "topology_", "levels_"]


def test_other_xml(tmp_path):
    assert refused(tmp_path, "<a></a>") == (
        "no results of Timeloop; expected engine/topology_/levels_"
    )
    assert refused(tmp_path, "<a>" * 65) == "nested too deeply for results of Timeloop"
    assert refused(tmp_path, "<a>" * 64) == "ends too early"
    assert refused(tmp_path, "<a><b>") == "ends too early"
    assert refused(tmp_path, CONTENT + "<!-- cut").startswith("malformed XML: ")
    assert refused(tmp_path, CONTENT + "</boost_serialization><!-- cut").startswith("malformed XML")
    assert refused(tmp_path, CONTENT + "< >").startswith("malformed XML: ")
    assert refused(tmp_path, "no xml").startswith("malformed XML: ")
    assert refused(tmp_path, CONTENT.replace("cycles_>", "circles_>")) == (
        "not the results of Timeloop that hwsim knows: cycles_ is missing"
    )
    assert refused(tmp_path, CONTENT.replace("1.25e+02", "much")).startswith(
        "not the results of Timeloop that hwsim knows: could not convert"
    )


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_map_stats(tmp_path / "none.xml", SPACES)


def test_a_file_larger_than_any_run_leaves(tmp_path, monkeypatch):
    assert map_stats_xml._SIZE_LIMIT_BYTES == 20e6  # as the message says
    monkeypatch.setattr(map_stats_xml, "_SIZE_LIMIT_BYTES", 200_000)
    padding = " " * (200_000 - len(CONTENT))
    assert read_map_stats(written(tmp_path, CONTENT + padding), SPACES).cycles == 60
    assert refused(tmp_path, CONTENT + padding + " ") == (
        "larger than 20 MB; expected results of Timeloop"
    )


def test_more_elements_than_any_run_leaves(tmp_path, monkeypatch):
    """Wherever they stand: those that are not kept take time, too."""
    monkeypatch.setattr(map_stats_xml, "_MOST_ELEMENTS", 1000)
    assert refused(tmp_path, "<a>" + "<b/>" * 1000) == "more than 1,000 figures"
