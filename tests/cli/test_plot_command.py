import pytest


@pytest.fixture(scope="module")
def folders(tmp_path_factory, model):
    import hwsim

    place = tmp_path_factory.mktemp("plots")
    hwsim.run(model).save(place / "run")
    hwsim.sweep(model, sparsity="0:0.5:0.5").save(place / "sweep")
    return place


@pytest.mark.parametrize(("figure", "folder"), [("density", "run"), ("sweep", "sweep")])
def test_a_figure_and_its_data(cli, folders, figure, folder, tmp_path):
    result = cli("plot", figure, folders / folder, "-o", tmp_path / "f.pdf", "--width", 1)
    assert (result.code, result.err) == (0, "")
    assert result.out == f"saved     {tmp_path / 'f.pdf'}, {tmp_path / 'f.csv'}\n"
    assert (tmp_path / "f.pdf").read_bytes().startswith(b"%PDF")
    assert {file.name for file in tmp_path.iterdir()} == {"f.pdf", "f.csv"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("energi", "run"), "unknown figure 'energi'; did you mean 'energy'?"),
        (("cycles", "sweep"), "cycles is no figure of a sweep; one has sweep"),
        (("energy", "."), "{folder}: no saved run here; expected what hwsim run -o or "),
        (("energy", "none.db"), "{folder}/none.db: no such store"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(cli, folders, arguments, message, tmp_path):
    figure, where = arguments
    result = cli("plot", figure, f"{folders}/{where}", "-o", tmp_path / "f.pdf")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: " + message.format(folder=folders))
    assert result.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_format_that_is_none(cli, folders, tmp_path):
    result = cli("plot", "energy", folders / "run", "-o", tmp_path / "f.pgn")
    assert result.err == (
        f"error: {tmp_path / 'f.pgn'}: a figure ends in .pdf, .svg, .png; did you mean 'png'?\n"
    )


def test_a_sweep_that_was_edited(cli, folders, tmp_path):
    import shutil

    shutil.copytree(folders / "sweep", tmp_path / "sweep")
    (tmp_path / "sweep" / "sweep.csv").write_text("sparsity\n0.1\n")
    result = cli("plot", "sweep", tmp_path / "sweep", "-o", tmp_path / "f.pdf")
    assert (result.code, result.err) == (
        2,
        f"error: {tmp_path / 'sweep' / 'sweep.csv'}: not what a sweep saves: no column 'density' "
        "of numbers\n",
    )


def test_a_study_file_without_its_store(cli, tmp_path):
    (tmp_path / "s.yaml").write_text("study: s\n")
    result = cli("plot", "pareto", tmp_path / "s.yaml", "-o", tmp_path / "f.pdf")
    assert result.err == (
        f"error: {tmp_path / 's.yaml'}: no store beside it; run it first: hwsim study run "
        f"{tmp_path / 's.yaml'}\n"
    )


@pytest.mark.parametrize("figure", ["cycles", "density", "tables"])
def test_a_table_of_a_figure_that_has_none_is_refused(cli, folders, figure, tmp_path):
    result = cli("plot", figure, folders / "run", "-o", tmp_path / "f.pdf", "--energy", "physical")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"error: the figure {figure} is the same by every energy table, or of all of them; leave "
        "the table out\n"
    )
