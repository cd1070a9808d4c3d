"""What holds when a description says nothing, and the least that it may say."""

import pytest

from hwsim.engines.timeloop.spec import read_inputs
from hwsim.engines.timeloop.spec.architecture import attributes as known
from hwsim.engines.timeloop.spec.architecture.attributes import ATTRIBUTES
from hwsim.errors import InputError

#: {key: default} where the default is a figure.
DEFAULTS = {
    "word_bits": 16,
    "metadata_storage_width": 0,
    "metadata_storage_depth": 0,
    "metadata_datawidth": 0,
    "metadata_block_size": 1,
    "multiple_buffering": 1.0,
    "min_utilization": 0.0,
    "cluster_area": 0.0,
    "area": 0.0,
    "network_fill_latency": 0,
    "network_drain_latency": 0,
    "network_word_bits": 16,
    "fill_latency": 0,
    "router_energy": 0.0,
    "energy_per_ingress": 0.0,
    "wire_energy": 0.0,
    "adder_energy": 0.0,
    "num_ports": 2,
}
WHOLE_FROM_1 = (
    *("instances", "meshX", "meshY", "word_bits", "block_size", "cluster_size", "width"),
    *("metadata_block_size", "network_word_bits"),
)
WHOLE_FROM_0 = ("depth", "entries", "sizeKB", "metadata_storage_width", "fill_latency")
FROM_0 = (
    *("bandwidth", "read_bandwidth", "write_bandwidth", "shared_bandwidth", "min_utilization"),
    *("vector_access_energy", "addr_gen_energy", "cluster_area", "energy", "area"),
    *("router_energy", "energy_per_ingress", "wire_energy", "energy_per_hop", "tile_width"),
    "adder_energy",
)
FIELDS = {field.key: field for field in ATTRIBUTES.fields}


def read(key, value=None):
    given = {} if value is None else {key: value}
    inputs = read_inputs({"architecture": {"attributes": given}})
    return FIELDS[key].read(inputs.section("architecture").section("attributes"))


def test_what_holds_when_nothing_is_said():
    found = {
        key: field.default
        for key, field in FIELDS.items()
        if isinstance(field.default, int | float) and not isinstance(field.default, bool)
    }
    assert found == DEFAULTS
    assert {key: read(key) for key in DEFAULTS} == DEFAULTS
    assert (read("reduction_supported"), read("decompression_supported")) == (None, False)
    assert read("compression_supported") is False


def refusal(key, value):
    with pytest.raises(InputError) as refused:
        read(key, value)
    return str(refused.value).removeprefix(f"inputs: architecture.attributes.{key}: ")


@pytest.mark.parametrize("key", WHOLE_FROM_1)
def test_sizes_are_whole_and_at_least_one(key):
    assert (read(key, 1), read(key, 2)) == (1, 2)
    assert refusal(key, 0) == "expected a whole number, 1 or more. Got 0"
    assert refusal(key, 1.5) == "expected a whole number, 1 or more. Got 1.5"


@pytest.mark.parametrize("key", WHOLE_FROM_0)
def test_capacities_and_latencies_may_be_nothing(key):
    assert (read(key, 0), read(key, 3)) == (0, 3)
    assert refusal(key, -1) == "expected a whole number, 0 or more. Got -1"


@pytest.mark.parametrize("key", FROM_0)
def test_prices_and_rates_may_be_nothing_but_not_less(key):
    assert (read(key, 0), read(key, 0.25)) == (0.0, 0.25)
    assert refusal(key, -0.25) == "expected 0 or more. Got -0.25"


#: Fields that share their key with another one.
APART = [
    (known.WORD_BITS, "word_bits", 1, 16),
    (known.COMPUTE_WORD_BITS, "datawidth", 1, 16),
    (known.IMPLIED_WORD_BITS, "network_word_bits", 1, None),
    (known.NETWORK_WORD_BITS, "network_word_bits", 1, 16),
    (known.ENTRIES, "entries", 0, None),
    (known.OWN_ENTRIES, "entries", 1, None),
    (known.COMPUTE_AREA, "area", 0, 0.0),
    (known.OWN_AREA, "area", 0, None),
]


@pytest.mark.parametrize(("field", "key", "least", "default"), APART)
def test_one_key_means_another_thing_at_each_kind_of_component(field, key, least, default):
    def read_from(given):
        inputs = read_inputs({"architecture": {"attributes": given}})
        return field.read(inputs.section("architecture").section("attributes"))

    assert (field.key, read_from({"class": "SRAM"})) == (key, default)
    assert read_from({key: least}) == least
    with pytest.raises(InputError, match=f"{least} or more. Got {least - 1}"):
        read_from({key: least - 1})
