"""The page of a result: its figures are the store's, it needs nothing, and people can use it."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import escape

import hwsim
from hwsim.errors import InputError
from hwsim.studies.opened import open_result
from hwsim.studies.store.store import Store
from tests.reports.test_figures import tiny_study
from tests.studies.networks import tiny_network

pytest.importorskip("jinja2")
from hwsim.reports import report_html

__all__ = ["tiny_study"]
NASTY = "</script><img src=x onerror=alert(1)>&\"'{{ 7*7 }}"


#: Rows of a table are alike: of each the first three are looked at.
_AXE = """only => axe.run(
    {exclude: [['tbody tr:nth-child(n+4)']]},
    {resultTypes: ['violations'], ...(only ? {runOnly: [only]} : {})}
).then(result => result.violations)"""


class Texts(HTMLParser):
    """The exact figures of a page, and the elements that could load something."""

    def __init__(self, html):
        super().__init__()
        self.exact, self.loads = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "data-v" in found:
            self.exact.append(found["data-v"])
        source = found.get("src") or found.get("href")
        if source and not source.startswith("data:"):
            self.loads.append(source)


@pytest.fixture(scope="module")
def page(tiny_run):
    return report_html([tiny_run])


@pytest.fixture(scope="module")
def study_page(tiny_study):
    return report_html([open_result(tiny_study)])


@pytest.fixture(scope="module")
def sweep_page(tiny_sweep):
    return report_html([tiny_sweep])


@pytest.fixture(scope="module")
def shown(opened, page):
    """The page of a run in a browser; who uses it leaves it as it was."""
    return opened(page, color_scheme="light")


@pytest.fixture(scope="module")
def narrow(opened, page, study_page, sweep_page):
    """The page of a run, of a study and of a sweep on a telephone."""
    size = {"width": 400, "height": 800}
    return [
        opened(html, viewport=size, color_scheme="light") for html in (page, study_page, sweep_page)
    ]


def written(html, block):
    """The rows of a table of a page: what is sorted by, in every cell."""
    part = html[html.index(f'id="{block}"') :]
    body = part[part.index("<tbody>") : part.index("</tbody>")]
    return [re.findall(r'data-k="([^"]*)"', row) for row in re.findall(r"<tr>.*?</tr>", body)]


def in_figures(page, block):
    """The same of the rows that are shown, as they stand in a browser."""
    return page.evaluate(
        "id => [...document.querySelectorAll(`#${id} tbody tr`)].filter(row => !row.hidden)"
        ".map(row => [...row.cells].map(cell => cell.dataset.k))",
        block,
    )


def test_every_layer_of_the_run_is_on_the_page(page, tiny_run):
    rows = written(page, "layers-1")
    expected = [
        [row.layer, row.scheme, row.energy_table, row.scheme_applied]
        for row in tiny_run.layers.itertuples()
    ]
    assert [row[:4] for row in rows] == expected
    for shown, row in zip(rows, tiny_run.layers.itertuples(), strict=True):
        numbers = [row.density, row.utilization, row.cycles, row.energy]
        assert [float(each) for each in shown[5:9]] == numbers
        assert float(shown[10]) == row.energy_ratio


@pytest.mark.outside
def test_a_page_loads_nothing_and_says_nothing(narrow, page, study_page, sweep_page):
    for shown, html in zip(narrow, (page, study_page, sweep_page), strict=True):
        assert Texts(html).loads == []
        assert shown.said == []
        assert [url for url in shown.asked if not url.startswith(("file:", "data:"))] == []


def test_the_segments_of_a_scheme_add_up_to_its_energy(page, tiny_run):
    """Read from the words that people see: nJ with eight digits."""
    section = page[page.index("Energy by component") : page.index("Energy by operand")]
    for scheme, bar in zip(tiny_run.schemes, re.findall(r"<tr.*?</tr>", section)[1:], strict=True):
        parts = re.findall(r'data-v="[^"]*?: ([\d.,e+-]+) (\w+), ', bar)
        whole = sum(float(number.replace(",", "")) for number, _ in parts)
        row = (
            tiny_run.totals.query("energy_table == 'physical' and scope == 'network'")
            .set_index("scheme")
            .loc[scheme]
        )
        power = {"pJ": 0, "nJ": 3, "uJ": 6}[parts[0][1]]
        assert whole * 10**power == pytest.approx(row["energy"], rel=1e-6)


def cycles_of(page):
    section = page[page.index("Cycles by layer <") :]
    return section[: section.index("</figure>")]


def test_where_the_cycles_of_a_layer_go(page, tiny_run):
    """Busy, without work and waiting are all of them, as the engine tells."""
    rows = tiny_run.layers.query("energy_table == 'physical'")
    bars = re.findall(r"<tr.*?</tr>", cycles_of(page))[1:]
    assert len(bars) == len(rows)
    first, words = rows.iloc[0], re.findall(r'data-v="([^"]*)"', bars[0])
    assert words[0] == f"units busy: {first.utilization:.2%} of {first.cycles:,} cycles"
    assert words[-2].startswith(f"waiting: {first.waits:.2%}, for loading of weights")
    shares = [float(each) for each in re.findall(r": ([\d.]+)%", " ".join(words[:-1]))]
    assert sum(shares) == pytest.approx(100, abs=0.02)
    assert "Units wait for loading of weights" in cycles_of(page)


def test_a_run_of_an_older_hwsim_does_not_say_where_they_go(tiny_run):
    older = replace(tiny_run, layers=tiny_run.layers.drop(columns=["waits", "waits_for"]))
    section = cycles_of(report_html([older]))
    assert "The engine does not say whether idle units wait, and for what." in section
    assert "; the engine does not say which" in section
    assert "units wait<" not in section


@pytest.mark.outside
def test_filters_and_sorting(shown, tiny_run):
    assert len(in_figures(shown, "layers-1")) == len(tiny_run.layers)
    shown.fill("#layers-1 input[type=search]", "conv1 signed")
    shown.select_option("#layers-1 select >> nth=1", "physical")
    rows = in_figures(shown, "layers-1")
    assert [row[:3] for row in rows] == [["block.conv1", "signed-binary", "physical"]]
    assert shown.inner_text("#layers-1 .shown") == f"1 of {len(tiny_run.layers)} rows"
    shown.fill("#layers-1 input[type=search]", "")
    shown.select_option("#layers-1 select >> nth=1", "")
    shown.click("#layers-1 th:nth-child(9) button")
    energies = [float(row[8]) for row in in_figures(shown, "layers-1")]
    assert energies == sorted(energies)
    shown.click("#layers-1 th:nth-child(9) button")
    energies = [float(row[8]) for row in in_figures(shown, "layers-1")]
    assert energies == sorted(energies, reverse=True)
    assert shown.get_attribute("#layers-1 th:nth-child(9)", "aria-sort") == "descending"


@pytest.mark.outside
def test_another_energy_table(shown):
    assert shown.is_visible("text=physical model, pJ >> nth=0")
    shown.check("input[value='2']")
    assert shown.locator(".priced:visible").count() == 1
    assert "cannot tell" in shown.inner_text(".priced:visible .cards")
    shown.check("input[value='1']")


@pytest.mark.outside
def test_bars_become_shares(shown):
    button = shown.locator(".priced:visible .share").first
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    bars, tracks = (
        shown.evaluate(
            "what => [...document.querySelectorAll('figure.shares ' + what)]"
            ".map(each => each.clientWidth)",
            what,
        )
        for what in (".track div", ".track")
    )
    assert len(set(bars)) == 1
    assert bars[0] == pytest.approx(tracks[0], abs=10)
    button.click()
    assert button.get_attribute("aria-pressed") == "false"


@pytest.mark.outside
def test_the_exact_figure_under_the_pointer_and_by_keyboard(shown):
    part = shown.locator(".priced:visible .track i").first
    part.hover()
    assert shown.inner_text("#tip") == part.get_attribute("data-v")
    figure = shown.locator(".priced:visible figure").first
    figure.focus()
    shown.keyboard.press("ArrowRight")
    assert shown.inner_text("#tip").endswith(str(part.get_attribute("data-v")))
    shown.keyboard.press("Escape")
    assert not shown.is_visible("#tip")


@pytest.mark.outside
def test_nobody_is_kept_out(narrow):
    axe = pytest.importorskip("axe_core_python")
    script = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    for shown in narrow:
        assert shown.evaluate("document.documentElement.scrollWidth") <= 400
        shown.evaluate(script)
        found = shown.evaluate(_AXE)
        shown.emulate_media(color_scheme="dark")  # only colours are others
        found += shown.evaluate(_AXE, "color-contrast")
        serious = [each["id"] for each in found if each["impact"] in ("serious", "critical")]
        assert serious == []


@pytest.mark.outside
def test_light_and_dark(shown):
    paper = "getComputedStyle(document.body).backgroundColor"
    light = shown.evaluate(paper)
    shown.click("#theme")
    assert shown.evaluate(paper) != light
    shown.click("#theme")
    assert shown.evaluate(paper) == light


@pytest.mark.outside
def test_names_are_text_whatever_they_hold(opened, tiny_run):
    layers = tiny_run.layers.assign(layer=tiny_run.layers["layer"] + NASTY)
    table = tiny_run.table.assign(
        layer=tiny_run.table["layer"] + NASTY, component=tiny_run.table["component"] + NASTY
    )
    structures = tiny_run.structures.assign(layer=tiny_run.structures["layer"] + NASTY)
    network = {**tiny_run.manifest["network"], "name": NASTY, "notes": [NASTY]}
    manifest = {**tiny_run.manifest, "network": network, "command": NASTY}
    run = replace(tiny_run, layers=layers, table=table, structures=structures, manifest=manifest)
    shown = opened(report_html([run]))
    assert shown.said == []
    assert shown.locator("img").count() == 0
    assert shown.inner_text("h1") == f"{NASTY} on sigma"
    assert shown.locator("pre code").first.inner_text() == NASTY


def test_several_runs_stand_side_by_side(tiny_run):
    small = hwsim.run(tiny_network(), overrides={"num_ms": 64}, schemes=["dense"])
    page = report_html([tiny_run, small])
    assert page.count('<section class="result"') == 2
    part = page[page.index('id="side-by-side"') : page.index('id="result-1"')]
    assert "tiny on sigma (num_ms=64)" in part
    cycles = small.totals.query("energy_table == 'physical' and scope == 'network'")["cycles"]
    assert f"{cycles.iloc[0]:,} cycles" in part


def test_a_study_has_every_point(study_page, tiny_study):
    result = open_result(tiny_study)
    points = result.points.query("energy_table == 'physical'")
    rows = written(study_page, "points-1-1")
    assert [float(row[0]) for row in rows] == points["point"].tolist()
    assert [float(row[-5]) for row in rows] == points["cycles"].tolist()
    assert [float(row[-3]) for row in rows] == points["energy"].tolist()
    assert "Break-even sparsity" in study_page
    assert "Warnings</h4>" not in study_page


def test_a_study_tells_where_the_energy_goes(study_page, tiny_study):
    """The parts of the best points add up to their energies, in words of eight digits."""
    section = study_page[study_page.index("Energy by component") :]
    section = section[: section.index("</figure>")]
    bars = re.findall(r"<tr>.*?</tr>", section)[1:]
    points = open_result(tiny_study).points.query("energy_table == 'physical'")
    least = points.groupby(["num_ms", "scheme"], sort=False)["energy"].min()
    assert len(bars) == len(least) == 4
    for bar, energy in zip(bars, least, strict=True):
        parts = re.findall(r'data-v="[^"]*?: ([\d.,e+-]+) nJ, ', bar)
        assert sum(float(part.replace(",", "")) for part in parts) == pytest.approx(energy / 1000)


def test_a_store_without_energies_says_so(tmp_path):
    """A run that was ended: what is there is shown, and what is not is named."""
    run = hwsim.run(tiny_network(), schemes=["dense", "binary"], store=tmp_path / "s.db")
    with Store(tmp_path / "s.db") as store, store.writing() as base:
        base.execute("DELETE FROM runs")
    html = report_html([open_result(tmp_path / "s.db")])
    assert "energies are not in this store: it has not ended, or an older hwsim" in html
    whole = run.totals.query("energy_table == 'physical' and scope == 'network'")
    assert [float(row[-3]) for row in written(html, "points-1-1")] == whole["cycles"].tolist()
    assert ">nan" not in html


def test_a_sweep_has_every_level_and_where_it_pays_off(sweep_page, tiny_sweep):
    names = ["sparsity", "density"]
    names += [
        f"{scope}{name}"
        for scope in ("", "network_")
        for name in ("cycles", "energy", "cycles_ratio", "energy_ratio")
    ]
    rows = [[float(cell) for cell in row] for row in written(sweep_page, "points-1-1")]
    assert rows == tiny_sweep.table[names].to_numpy().tolist()
    layers = written(sweep_page, "layers-1")
    assert [float(row[8]) for row in layers] == tiny_sweep.layers["energy"].tolist()
    crossings = written(sweep_page, "break-even-1-1")
    assert [row[:2] for row in crossings] == [
        [scope, measure]
        for scope in ("pruned layers", "whole network")
        for measure in ("energy", "cycles")
    ]
    assert ">nan" not in sweep_page


def test_what_a_page_says_beside_figures(page, tiny_run):
    for words in ("Not counted", "How far each may be off", "How to reproduce", "Roofline"):
        assert f"{words}</h" in page
    for source in tiny_run.manifest["arch"]["technology"]["sources"].values():
        assert escape(source) in page
    assert "1.00x" not in page


def test_a_run_of_one_scheme_without_a_baseline():
    page = report_html([hwsim.run(tiny_network(), schemes=["binary"], energy="stonne")])
    assert "counts no DRAM here, so there is no roofline" in page
    assert ">nan" not in page


def test_nothing_to_show():
    with pytest.raises(InputError, match="of one result at least"):
        report_html([])


def test_resnet50_stays_small():
    """Three schemes of 54 layers, by two tables: below 5 MB by far, even at a small input."""
    run = hwsim.run(hwsim.make_network("resnet50", input_size=(32, 32)))
    assert len(report_html([run]).encode()) < 2e6
