import pandas as pd
import pytest

from hwsim.errors import InputError
from hwsim.studies.requirement import parse_requirement

METRICS = ("energy_ratio", "cycles")
TABLE = pd.DataFrame({"sparsity": [0.0, 0.65], "energy_ratio": [1.0, 1.97], "cycles": [90, 30]})


@pytest.mark.parametrize(
    ("text", "violations"),
    [
        ("energy_ratio>=1.9@0.65", []),
        ("energy_ratio >= 1.9 @ 0.65", []),
        ("energy_ratio>1.97@0.65", ["energy_ratio is 1.97 at sparsity 0.65"]),
        ("energy_ratio>=1.97@0.65", []),
        ("energy_ratio<=1@0.65", ["energy_ratio is 1.97 at sparsity 0.65"]),
        ("cycles<100", []),
        ("cycles<90", ["cycles is 90 at sparsity 0"]),
        ("cycles>=90", ["cycles is 30 at sparsity 0.65"]),
    ],
)
def test_where_a_requirement_fails(text, violations):
    requirement = parse_requirement(text, METRICS)
    assert requirement.violations(TABLE) == [f"{text}: {line}" for line in violations]


def test_a_figure_that_is_missing_satisfies_nothing():
    table = TABLE.assign(energy_ratio=float("nan"))
    assert len(parse_requirement("energy_ratio>=0", METRICS).violations(table)) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "energy_ratio=1.9",
            "requirement 'energy_ratio=1.9': expected METRIC>=VALUE@SPARSITY, "
            "e.g. energy_ratio>=1.9@0.65",
        ),
        (
            "energy_ration>=1.9",
            "requirement 'energy_ration>=1.9': unknown metric 'energy_ration'; "
            "did you mean 'energy_ratio'?",
        ),
        ("cycles<few", "requirement 'cycles<few': 'few' is not a number"),
        ("cycles<nan", "requirement 'cycles<nan': 'nan' is not a number"),
        ("cycles<1@0,0.5", "requirement 'cycles<1@0,0.5': expected one sparsity level after @"),
        ("cycles<1@2", "sparsity 2: expected a share of zeros of at least 0 and less than 1"),
    ],
)
def test_refusals(text, message):
    with pytest.raises(InputError) as error:
        parse_requirement(text, METRICS)
    assert str(error.value) == message
