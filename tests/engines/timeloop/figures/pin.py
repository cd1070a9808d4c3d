"""Keep what the varied designs give: ``python -m tests.engines.timeloop.figures.pin``.

The figures were kept while all measured cases of the real program were equal; a change of one has
to have a reason that is written down.
"""

import gzip
import json
from pathlib import Path

import hwsim
from hwsim.engines.timeloop.figures.stats_file import stats_text
from tests.engines.timeloop.figures.varied_designs import varied

FILE = Path(__file__).with_name("pinned.json.gz")


def figures(inputs):
    """The statistics file by line, the counts of the activity, and plain data."""
    result = hwsim.evaluate_timeloop(inputs)
    activity = result.activity
    plain = {
        "lines": stats_text(result.evaluation).splitlines(),
        "counts": [[list(key), count] for key, count in activity.counts.items()],
        "instances": [[list(key), count] for key, count in activity.instances.items()],
        "statistics": dict(activity.statistics),
        "macs": [activity.macs, activity.effectual_macs, activity.utilization],
        "data": result.to_dict(),
    }
    return json.loads(json.dumps(plain))


def pinned():
    return json.loads(gzip.decompress(FILE.read_bytes()))


if __name__ == "__main__":
    found = {name: figures(inputs) for name, inputs in varied().items()}
    FILE.write_bytes(gzip.compress(json.dumps(found).encode(), mtime=0))
