import pytest

from hwsim.studies.checks.figures import PointFigures


@pytest.fixture
def figures():
    """A point of two layers, with figures that are easy to add."""

    def made(scale=1, coordinates=None, **changed):
        return PointFigures.model_validate(
            {
                "coordinates": coordinates or {"num_ms": 64, "scheme": "dense"},
                "clock_hz": 5e8,
                "layers": {
                    "a": {
                        "cycles": 100 * scale,
                        "macs": 40,
                        "effectual_macs": 10,
                        "utilization": 0.5,
                    },
                    "b": {
                        "cycles": 300 * scale,
                        "macs": 60,
                        "effectual_macs": 30,
                        "utilization": 0.9,
                    },
                },
                "prices": {
                    "physical": {
                        "energy_unit": "pJ",
                        "area": 2e6,
                        "area_unit": "um2",
                        "energy": {"a": 1000.0 * scale, "b": 3000.0 * scale},
                    },
                    "stonne": {
                        "energy_unit": "",
                        "area": None,
                        "area_unit": "",
                        "energy": {"a": 7.0, "b": 8.0},
                    },
                },
                **changed,
            }
        )

    return made
