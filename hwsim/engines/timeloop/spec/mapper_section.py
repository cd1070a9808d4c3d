"""``mapper``: how mappings are searched for. Of its keys only the objective is used."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from hwsim.engines.timeloop.spec._field import Part, anything, elsewhere, names
from hwsim.engines.timeloop.spec.section import Section

METRICS: Final = names("optimization_metrics")
_METRIC: Final = names("optimization_metric")
#: How Timeloop's own search goes, when it ends and what it logs.
_SEARCH: Final = elsewhere(
    "Timeloop's own search",
    (
        "algorithm", "search_size", "timeout", "victory_condition", "num_threads",
        "max_permutations_per_if_visit", "max_temporal_loops_in_a_mapping", "filter_revisits",
        "penalize_consecutive_bypass_fails", "auto_bypass_on_failure", "sync_interval",
        "log_interval", "log_stats", "log_suboptimal", "log_all", "log_all_mappings",
        "log_oaves", "log_oaves_mappings", "log_orojenesis_mappings", "log_mappings_yaml",
        "log_mappings_verbose", "live_status", "diagnostics", "verbose", "emit_whoop_nest",
        "out_prefix", "heartbeat", "version", "template",
    ),
)  # fmt: skip
MAPPER: Final = anything("mapper", inside=Part((METRICS, _METRIC, *_SEARCH)))


def read_metric(inputs: Section, objectives: Collection[str], notes: list[str]) -> str | None:
    """Find the objective that the inputs ask for.

    Parameters
    ----------
    inputs : Section
        The merged inputs.
    objectives : collection of str
        Those that there are.
    notes : list of str
        Gets a line for each metric that is not used.

    Returns
    -------
    str or None
        None if they ask for none.
    """
    if not MAPPER.given(inputs):
        return None
    section = MAPPER.section(inputs)
    field = METRICS if METRICS.given(section) else _METRIC
    asked = field.read(section)
    known = [name for name in asked if name in objectives]
    if asked and not known:
        raise section.error(
            f"expected energy, delay or edp. Got {', '.join(asked)}; or choose with --objective",
            field.key,
        )
    notes.extend(  # of equal mappings the search prefers the faster, then the thriftier one
        f"mapper: the metric {name!r} is not used, {known[0]!r} is"
        for name in asked
        if name not in objectives
    )
    return known[0] if known else None


def mapper_document(objective: str, budget: int, version: float | None = None) -> dict[str, Any]:
    """Write what to search for, and how long; ``version`` only where the layout has one."""
    stated = {} if version is None else {"version": version}
    search: dict[str, Any] = {
        **stated,
        **METRICS.entry([objective]),
        "search_size": budget,
        "algorithm": "random_pruned",
        "num_threads": 1,
        "victory_condition": 0,
    }
    return MAPPER.entry(search)
