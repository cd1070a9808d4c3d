"""``hwsim doctor``: what is installed, what is found of other tools, and what to do."""

from __future__ import annotations

from hwsim.cli.options import JsonOption
from hwsim.cli.output import print_json, print_report


def doctor(json: JsonOption = False) -> None:
    """Say what is installed, which programs of other tools are found, what is kept, what to do.

    Programs that are found are asked for their versions; nothing is installed or changed.
    """
    from hwsim.installation import examine

    found = examine()
    if json:
        print_json(found.to_dict())
        return
    from hwsim.reports.installation_report import installation_report

    print_report(installation_report(found))
