"""The attributes of components: one declaration, from which they are read and written.

A v0.4 container hands its attributes on to every component inside, so any of them may stand at any
component.
"""

from __future__ import annotations

from typing import Final

from hwsim.engines.timeloop.spec._field import (
    Part,
    anything,
    elsewhere,
    flag,
    integer,
    number,
    required_text,
    text,
    version,
    word,
)
from hwsim.plausible import (
    AREA_UM2,
    COPIES,
    ENERGY_PJ,
    MOST_INSTANCES,
    SHARE,
    WIDEST_ROW,
    WIDEST_WORD,
    WIDTH_UM,
    WORDS_PER_CYCLE,
)

# Instances, and how they lie on a grid.
INSTANCES: Final = integer("instances", default=None, least=1, most=MOST_INSTANCES)
MESH_X: Final = integer("meshX", default=None, least=1, most=MOST_INSTANCES)
MESH_Y: Final = integer("meshY", default=None, least=1, most=MOST_INSTANCES)

# Words and capacity of a memory.
WORD_BITS: Final = integer(
    "word_bits", "word_width", "datawidth", default=16, least=1, most=WIDEST_WORD
)
BLOCK_SIZE: Final = integer("block_size", "n_words", default=None, least=1, most=WIDEST_ROW)
CLUSTER_SIZE: Final = integer("cluster_size", default=None, least=1, most=WIDEST_ROW)
WIDTH: Final = integer(
    "width", "memory_width", "data_storage_width", default=None, least=1, most=WIDEST_ROW
)
DEPTH: Final = integer("depth", "memory_depth", "data_storage_depth", default=None)
ENTRIES: Final = integer("entries", default=None)
KILOBYTES: Final = integer("sizeKB", default=None)
TECHNOLOGY: Final = text("technology", default=None)

# Its metadata.
METADATA_WIDTH: Final = integer(
    "metadata_storage_width", "metadata_width", default=0, most=WIDEST_ROW
)
METADATA_DEPTH: Final = integer("metadata_storage_depth", "metadata_depth", default=0)
METADATA_WORD_BITS: Final = integer(
    "metadata_datawidth", "metadata_word_bits", default=0, most=WIDEST_WORD
)
METADATA_BLOCK_SIZE: Final = integer("metadata_block_size", default=1, least=1, most=WIDEST_ROW)

# Bandwidth, words a cycle and instance.
BANDWIDTH: Final = number("bandwidth", default=None, within=WORDS_PER_CYCLE)
READ_BANDWIDTH: Final = number("read_bandwidth", default=None, within=WORDS_PER_CYCLE)
WRITE_BANDWIDTH: Final = number("write_bandwidth", default=None, within=WORDS_PER_CYCLE)
SHARED_BANDWIDTH: Final = number("shared_bandwidth", default=None, within=WORDS_PER_CYCLE)
BANDWIDTH_SCALE: Final = anything(
    "per_dataspace_bandwidth_consumption_scale", inside=Part(named=True)
)

# What it can do.
BUFFERING: Final = number("multiple_buffering", default=1.0, within=COPIES)
MIN_UTILIZATION: Final = number("min_utilization", default=0.0, within=SHARE)
REDUCTION: Final = flag("reduction_supported", default=None)
DECOMPRESSION: Final = flag("decompression_supported", default=False)
COMPRESSION: Final = flag("compression_supported", default=False)
POWER_GATED_AT: Final = text("power_gated_at", default=None)

# Prices: pJ an access or address, um2 a cluster of instances.
ACCESS_ENERGY: Final = number("vector_access_energy", default=None, within=ENERGY_PJ)
ADDRESS_ENERGY: Final = number("addr_gen_energy", default=None, within=ENERGY_PJ)
CLUSTER_AREA: Final = number("cluster_area", default=0.0, within=AREA_UM2)

# Compute units: pJ an operation, um2 a unit.
COMPUTE_WORD_BITS: Final = integer(
    "datawidth", "word_bits", "datawidth", default=16, least=1, most=WIDEST_WORD
)
COMPUTE_ENERGY: Final = number("energy", default=None, within=ENERGY_PJ)
COMPUTE_AREA: Final = number("area", default=0.0, within=AREA_UM2)

# The networks of a memory: components, or figures of the one that is implied.
NETWORK_READ: Final = text("network_read", default=None)
NETWORK_UPDATE: Final = text("network_update", default=None)
IMPLIED_WORD_BITS: Final = integer("network_word_bits", default=None, least=1, most=WIDEST_WORD)
IMPLIED_FILL_LATENCY: Final = integer("network_fill_latency", default=0)
IMPLIED_DRAIN_LATENCY: Final = integer("network_drain_latency", default=0)

# Networks.
NETWORK_WORD_BITS: Final = integer(
    "network_word_bits",
    "word_bits",
    "word_width",
    "datawidth",
    default=16,
    least=1,
    most=WIDEST_WORD,
)
LATENCY: Final = integer("fill_latency", default=0)
ROUTER_ENERGY: Final = number("router_energy", default=0.0, within=ENERGY_PJ)
INGRESS_ENERGY: Final = number("energy_per_ingress", default=0.0, within=ENERGY_PJ)
WIRE_ENERGY: Final = number("wire_energy", default=0.0, within=ENERGY_PJ)
HOP_ENERGY: Final = number("energy_per_hop", default=None, within=ENERGY_PJ)
TILE_WIDTH: Final = number("tile_width", default=None, within=WIDTH_UM)
NETWORK_TYPE: Final = text("network_type", default=None)
ADDER_ENERGY: Final = number("adder_energy", default=0.0, within=ENERGY_PJ)
ACTION: Final = required_text("action_name")
FACTOR_ARGUMENT: Final = text("multicast_factor_argument", default=None)
BY_DATA_SPACE: Final = anything("per_datatype_ERT")

# Refused where they would change the result.
PORTS: Final = integer("num_ports", "n_ports", default=2)
PARTITION: Final = flag("tile_partition_supported", default=None)
OVERBOOKING: Final = flag("allow_overbooking", default=None)

# What hwsim alone reads: Timeloop's programs pass over attributes that they do not know.
BITS: Final = anything("bits", inside=Part(named=True))
NETWORK_BITS: Final = anything("network_bits", inside=Part(named=True))
OWN_ENTRIES: Final = integer("entries", default=None, least=1)
UNLIMITED: Final = flag("unlimited", default=False)
OWN_AREA: Final = number("area", default=None, within=AREA_UM2)
EXTENSION: Final = anything(
    "x-hwsim",
    inside=Part(
        (BITS, NETWORK_BITS, OWN_ENTRIES, UNLIMITED, OWN_AREA, BANDWIDTH_SCALE), closed=True
    ),
)

_ELSEWHERE: Final = (
    *elsewhere("ports and banks of Accelergy's memories", (
        "n_banks", "num_banks", "n_rd_ports", "n_wr_ports", "n_rdwr_ports", "n_rd_wr_ports",
        "n_rw_ports",
        "nports", "bank_depth", "n_buffets",
    )),
    *elsewhere("node, clock and supply of Accelergy's estimates", (
        "tech_node", "voltage", "latency", "cycle_time", "cycle_seconds",
        "global_cycle_seconds", "action_latency_cycles", "n_instances",
    )),
    *elsewhere("widths inside Accelergy's units", (
        "data_width", "multiplier_width", "adder_width", "accum_datawidth",
        "metadata_counter_width", "num_pipeline_stages", "update_fifo_depth", "fifo_depth",
        "col_id_width",
    )),
    *elsewhere("scales of Accelergy's figures", (
        "area_scale", "energy_scale", "widthscale", "depthscale", "dynamic_energy_scale",
        "static_energy_scale",
    )),
    *elsewhere("whether power can be gated; 'power_gated_at' says where", ("has_power_gating",)),
    *elsewhere("an order of traversal that the model takes for granted", (
        "concordant_compressed_tile_traversal",
    )),
    *elsewhere("names of networks that Timeloop keeps for its oldest layout", (
        "network_fill", "network_drain", "network_operand", "network_result", "drain_latency",
    )),
    *elsewhere("what kind of component it is, in words", ("type", "version")),
)  # fmt: skip

ATTRIBUTES: Final = Part(
    (
        INSTANCES, MESH_X, MESH_Y,
        WORD_BITS, BLOCK_SIZE, CLUSTER_SIZE, WIDTH, DEPTH, ENTRIES, KILOBYTES, TECHNOLOGY,
        METADATA_WIDTH, METADATA_DEPTH, METADATA_WORD_BITS, METADATA_BLOCK_SIZE,
        BANDWIDTH, READ_BANDWIDTH, WRITE_BANDWIDTH, SHARED_BANDWIDTH, BANDWIDTH_SCALE,
        BUFFERING, MIN_UTILIZATION, REDUCTION, DECOMPRESSION, COMPRESSION, POWER_GATED_AT,
        ACCESS_ENERGY, ADDRESS_ENERGY, CLUSTER_AREA, COMPUTE_ENERGY, COMPUTE_AREA,
        NETWORK_READ, NETWORK_UPDATE, IMPLIED_FILL_LATENCY, IMPLIED_DRAIN_LATENCY,
        NETWORK_WORD_BITS, LATENCY, ROUTER_ENERGY, INGRESS_ENERGY, WIRE_ENERGY, HOP_ENERGY,
        TILE_WIDTH, NETWORK_TYPE, ADDER_ENERGY, ACTION, FACTOR_ARGUMENT, BY_DATA_SPACE,
        PORTS, PARTITION, OVERBOOKING, EXTENSION, *_ELSEWHERE,
    )
)  # fmt: skip

# The node of a v0.4 architecture or the entry of a v0.3 one.
NAME: Final = word("name", default=None)
CLASS: Final = word("class", default=None)
SUBCLASS: Final = word("subclass", default=None)
ENABLED: Final = flag("enabled", default=True)
SPATIAL: Final = anything("spatial", inside=Part((MESH_X, MESH_Y)))
VERSION: Final = version(default=None)
