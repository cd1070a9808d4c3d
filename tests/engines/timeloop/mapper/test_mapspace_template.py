"""The template of a map space: factors that divide, or that leave a rest in space."""

from __future__ import annotations

from typing import Any

import pytest

from hwsim.engines.timeloop.mapper import FoundMapping, find_mapping
from hwsim.errors import InputError
from tests.engines.timeloop.mapper.designs import gemm, inputs

SIZE = {"pes": 64, "columns": 8, "spad": 4096, "glb": 65536}


def find(**mapspace: Any) -> FoundMapping:
    design = inputs(gemm(13, 13, 9), [], **SIZE)
    constraints = [{"target": "GLB", "type": "spatial", "factors": "K=1"}]
    given = {key: part for key, part in design.items() if "constraints" not in key}
    given["mapspace"] = {"constraints": constraints, **mapspace}
    return find_mapping(given, "delay", 1500)


def test_ruby_leaves_rests() -> None:
    found = find(template="ruby")
    assert found.result.evaluation.cycles == 2 * 2 * 9  # 7 x 7 of 8 x 8 PEs in four rounds
    assert found.mapping.counts_rests
    assert found.notes == [
        "inputs: mapspace.template: ruby: factors that do not divide are searched in space, where "
        "units would idle, and their last rounds counted copy by copy; `hwsim timeloop model` "
        "walks them as timeloop-model does"
    ]


@pytest.mark.parametrize("mapspace", [{}, {"template": "uber"}])
def test_others_divide(mapspace: dict[str, str]) -> None:
    found = find(**mapspace)
    assert found.result.evaluation.cycles == 13 * 13 * 9
    assert found.notes == []


def test_another_template_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        find(template="rubi")
    assert str(refused.value) == (
        "inputs: mapspace.template: unknown template 'rubi'; did you mean 'ruby'?"
    )
