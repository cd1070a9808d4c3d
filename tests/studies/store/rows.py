"""Rows of a store, made by hand."""

import sqlite3
from pathlib import Path

from hwsim.activity import ActionKey, Activity
from hwsim.studies.layer_task import LayerTask
from hwsim.workload.operands import Operands

READ = ActionKey("GlobalBuffer", "GLOBALBUFFER", "READ")
OPERANDS = Operands("sign", 1, 3, 20, 19, 40, 50)


def activity(cycles: int = 7) -> Activity:
    return Activity(
        engine="sigma",
        cycles=cycles,
        counts={READ: 5},
        instances={READ[:2]: 1},
        macs=20,
        effectual_macs=10,
        utilization=0.25,
    )


def layer_task(scheme: str = "binary", layer: str = "conv") -> LayerTask:
    return LayerTask(scheme, layer, "dense", "drawn", "conv", 1, 2, 3, 4, 0.5, 24, 12, 1)


def everything(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """What is equal however often and wherever it is done."""
    with sqlite3.connect(path) as base:
        return {
            table: base.execute(f"SELECT * FROM {table} ORDER BY key").fetchall()
            for table in ("activities", "tasks")
        }
