"""The protocol of engines, and how one is found by name."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import EntryPoint
from types import SimpleNamespace

import numpy as np
import pytest

from hwsim.activity import Activity
from hwsim.arch import Arch, load_arch
from hwsim.engines import Engine, ProgramOptions, load_engine, registry
from hwsim.engines.protocol import BareEngine, activities_of, activity_of, as_engine
from hwsim.errors import EngineError, InputError
from hwsim.workload import ConvolutionWindow, Workload

ROWS = np.ones((1, 64, 576), dtype=np.int8)
#: 64 x 64 x 3 x 3 and 64 x 576 x 1 x 1 on inputs of 16 x 16 unroll to one matrix product.
THREE = Workload("three", ROWS, 256, window=ConvolutionWindow(64, (3, 3), (16, 16)))
ONE = Workload("one", ROWS, 256, window=ConvolutionWindow(576, (1, 1), (16, 16)))


class Whole(Engine):
    name = "whole"

    def simulate(self, workload: Workload, arch: object) -> Activity:
        return Activity(self.name, workload.macs, {}, {}, workload.macs, 0, 1.0)


class Bare:
    name = "bare"

    def simulate(self, workload: Workload, arch: object) -> Activity:
        return Activity(self.name, 1, {}, {}, 1, 1, 1.0)


def broken() -> Engine:
    raise RuntimeError("no\nluck")


def no_engine() -> str:
    return "a text"


def test_an_engine_that_says_nothing_tells_apart_all_that_a_workload_knows() -> None:
    for engine in (Whole(), as_engine(Bare())):
        assert engine.key(THREE) != engine.key(ONE)
        assert engine.key(THREE) != engine.key(Workload("three", -ROWS, 256, window=THREE.window))
        assert engine.key(THREE) == THREE.fingerprint()


def test_hwsims_own_narrow_it() -> None:
    sigma, sparseloop = load_engine("sigma"), load_engine("sparseloop")
    assert sigma.key(THREE) == sigma.key(ONE)
    assert sparseloop.key(THREE) != sparseloop.key(ONE)
    holed = np.where(np.arange(576) == 5, 0, ROWS).astype(np.int8)
    for engine in (sigma, sparseloop):
        assert engine.key(THREE) == engine.key(Workload("x", -ROWS, 256, window=THREE.window))
        assert engine.key(THREE) != engine.key(Workload("x", holed, 256, window=THREE.window))


def test_the_defaults_of_the_protocol() -> None:
    engine = Whole()
    assert engine.with_density("actual") is engine
    assert engine.stop() is None
    assert engine.version == "1"
    assert isinstance(Whole.of_program(ProgramOptions()), Whole)
    with pytest.raises(InputError) as refusal:
        engine.with_density("statistical")
    assert str(refusal.value) == (
        "density 'statistical': engine 'whole' evaluates the very zeros of the weights; choose an "
        "architecture of the engine sparseloop"
    )


@pytest.mark.parametrize(("option", "value"), [("program", "stonne"), ("docker", "image:1")])
def test_a_program_for_an_engine_that_runs_none_is_refused(option: str, value: str) -> None:
    expected = f"--{option} needs an engine that runs a program: --engine stonne or timeloop"
    with pytest.raises(InputError) as refusal:
        load_engine("sigma", ProgramOptions(**{option: value}))
    assert str(refusal.value) == expected


def test_an_object_that_can_simulate_is_taken() -> None:
    engine = as_engine(Bare())
    assert isinstance(engine, BareEngine)
    assert engine.name == "bare"
    assert engine.simulate(ONE, None).cycles == 1  # type: ignore[arg-type]
    assert as_engine(engine) is engine
    for half in (SimpleNamespace(name="half"), SimpleNamespace(simulate=print)):
        with pytest.raises(InputError, match="it has no name or no simulate"):
            as_engine(half)
    with pytest.raises(InputError) as refusal:
        as_engine("sigma")
    assert str(refusal.value) == (
        "'sigma' is no engine: it has no name or no simulate(workload, arch); derive it from "
        "hwsim.engines.Engine"
    )


def test_what_is_registered_is_loaded_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        name: f"{__name__}:{name}" for name in ("Whole", "Bare", "no_engine", "nothing", "broken")
    }
    points = {name: EntryPoint(name, value, "hwsim.engines") for name, value in values.items()}
    monkeypatch.setattr(registry, "registered", lambda group: points)
    assert isinstance(load_engine("Whole"), Whole)
    assert isinstance(load_engine("Bare", ProgramOptions()), BareEngine)
    with pytest.raises(InputError, match=r"^--docker needs an engine that runs a program"):
        load_engine("Bare", ProgramOptions(docker="image"))
    with pytest.raises(InputError, match=r"^'a text' is no engine: it has no name"):
        load_engine("no_engine")
    with pytest.raises(InputError, match=r"^engine 'nothing' \(entry point .*cannot be loaded: "):
        load_engine("nothing")
    for program in (None, ProgramOptions()):
        with pytest.raises(InputError) as refusal:
            load_engine("broken", program)
        assert str(refusal.value) == (
            f"engine 'broken' (entry point '{__name__}:broken') cannot be made: RuntimeError: "
            "no luck"
        )
    with pytest.raises(InputError, match=r"^unknown engine 'whole'; did you mean 'Whole'\?$"):
        load_engine("whole")


def test_a_class_is_no_engine() -> None:
    with pytest.raises(InputError) as error:
        as_engine(Whole)
    assert str(error.value) == "Whole is a class; give an engine of it, Whole()"


def test_an_engine_that_gives_no_activity_is_named() -> None:
    class Silent(Whole):
        def simulate(self, workload: Workload, arch: object) -> Activity:
            return None  # type: ignore[return-value]

    with pytest.raises(EngineError) as error:
        activity_of(Silent(), ONE, load_arch("sigma"))
    assert str(error.value) == (
        "engine 'whole', layer 'one': simulate should give an Activity. Got None"
    )


def test_a_workload_that_fails_does_not_stop_those_beside_it() -> None:
    class Fussy(Whole):
        def simulate(self, workload: Workload, arch: object) -> Activity:
            if workload.layer == "one":
                raise EngineError("too narrow")
            return super().simulate(workload, arch)

    arch = load_arch("sigma")
    first, failed, last = activities_of(Fussy(), [THREE, ONE, THREE], arch)
    assert isinstance(failed, EngineError)
    assert first == last == activity_of(Whole(), THREE, arch)
    assert activities_of(Whole(), [THREE, ONE], arch) == [
        activity_of(Whole(), each, arch) for each in (THREE, ONE)
    ]


def test_an_engine_that_gives_too_few_activities_is_named() -> None:
    class Few(Whole):
        def simulate_all(self, workloads: Sequence[Workload], arch: Arch) -> list[Activity]:
            return []

    with pytest.raises(EngineError) as error:
        activity_of(Few(), ONE, load_arch("sigma"))
    assert str(error.value) == (
        "engine 'whole': simulate_all should give a list of 1, an Activity for each workload. "
        "Got []"
    )


@pytest.mark.parametrize(
    ("name", "together", "compares"),
    [
        ("sigma", True, False),  # images are columns of the streamed matrix
        ("eie", True, False),  # vectors follow one another
        ("unpu", True, False),
        ("yodann", False, False),  # an image is streamed through
        ("sparseloop", False, True),  # schemes that are compared share mappings
    ],
)
def test_what_engines_take_at_once(name: str, together: bool, compares: bool) -> None:
    engine = type(load_engine(name))
    assert (engine.images_together, engine.compares_schemes) == (together, compares)
