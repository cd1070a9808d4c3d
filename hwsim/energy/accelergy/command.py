"""The ``accelergy`` command as an energy model: it is run once for a machine."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hwsim.arch.parts.figure import Figure
from hwsim.energy.accelergy._components import AccelergyComponent, accelergy_components
from hwsim.energy.accelergy.export import write_accelergy
from hwsim.energy.accelergy.reference_tables import read_reference_tables
from hwsim.energy.breakdown import EnergyBreakdown
from hwsim.energy.table import ComponentPrices, EnergyTable
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.activity import Activity
    from hwsim.arch import Arch
    from hwsim.workload.operands import Operands

_EXECUTABLE = "accelergy"
_TIMEOUT_SECONDS = 300


def find_accelergy() -> str:
    """Find the command on the PATH."""
    found = shutil.which(_EXECUTABLE)
    if found is None:
        raise InputError(
            "energy model 'accelergy': no executable accelergy on the PATH; install Accelergy and "
            "its plug-ins, or use --energy physical-aladdin, which has its figures"
        )
    return found


@dataclass
class AccelergyModel:
    """Prices by the installed Accelergy and its plug-ins.

    Parameters
    ----------
    executable : str
        The command.
    timeout_seconds : float
        How long it may run.
    """

    executable: str = field(default_factory=find_accelergy)
    timeout_seconds: float = _TIMEOUT_SECONDS
    name: str = "accelergy"
    title: str = "Accelergy"
    unit: str | None = "pJ"
    _tables: dict[str, EnergyTable] = field(default_factory=dict, repr=False)

    @property
    def label(self) -> str:
        """Title and unit."""
        return f"{self.title}, pJ"

    @property
    def provenance(self) -> str:
        """Which program."""
        return f"reference tables by {self.executable} and its plug-ins; no DRAM, no bits"

    def price(
        self, activity: Activity, arch: Arch | None = None, operands: Operands | None = None
    ) -> EnergyBreakdown:
        """Price an activity with the reference tables that Accelergy makes for the machine.

        Raises
        ------
        InputError
            If the arch lacks a technology, or Accelergy fails; with its last words.
        """
        if arch is None:
            raise InputError("energy model 'accelergy' needs the architecture")
        key = repr((arch.technology, arch.parameters, sorted(activity.instances.items())))
        if key not in self._tables:
            self._tables[key] = self._run(arch, activity)
        return self._tables[key].price(activity)

    def _run(self, arch: Arch, activity: Activity) -> EnergyTable:
        with tempfile.TemporaryDirectory(prefix="hwsim-accelergy-") as name:
            folder = Path(name)
            files = write_accelergy(folder, arch, activity.instances)
            outputs = folder / "out"
            self._call([*map(str, files), "-o", str(outputs)], folder)
            ert = outputs / "ERT.yaml"
            if not ert.is_file():
                raise InputError(f"{self.executable} wrote no ERT.yaml; run it by hand to see why")
            table = read_reference_tables(ert)
        return self._in_engine_terms(table, arch, activity)

    def _call(self, arguments: list[str], folder: Path) -> None:
        try:
            done = subprocess.run(
                [self.executable, *arguments],
                cwd=folder,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self.timeout_seconds,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise InputError(
                f"{self.executable} did not end within {self.timeout_seconds:g} s"
            ) from None
        except OSError as error:
            raise InputError(f"{self.executable}: cannot be run: {error.strerror}") from error
        if done.returncode:
            raise InputError(
                f"{self.executable} failed (exit code {done.returncode}): {_last_words(done)}"
            )

    def _in_engine_terms(self, table: EnergyTable, arch: Arch, activity: Activity) -> EnergyTable:
        """Price the engine's actions by Accelergy's."""
        components = {}
        for (unit, name), component in accelergy_components(arch, activity.instances).items():
            prices = table.components.get(f"{unit}.{name}")
            if prices is None:
                raise InputError(f"{self.executable}: its ERT lacks component {unit}.{name}")
            actions = {}
            for (of_unit, of_name, action), count in activity.by_action().items():
                if (of_unit, of_name) == (unit, name):
                    component.refuse_unknown(unit, name, action, count)
                    actions[action] = self._figure(component, action, prices, f"{unit}.{name}")
            components[f"{unit}.{name}"] = ComponentPrices(prices.area, prices.static, actions)
        return replace(
            table,
            name=self.name,
            title=self.title,
            provenance=self.provenance,
            components=components,
            path=None,
        )

    def _figure(
        self, component: AccelergyComponent, action: str, prices: ComponentPrices, place: str
    ) -> Figure:
        """Price an action by Accelergy's counterpart; one that is included elsewhere is free."""
        theirs, times = component.actions.get(action, ("", 0.0))
        if theirs and theirs not in prices.actions:
            raise InputError(f"{self.executable}: its ERT lacks action {theirs} of {place}")
        base = prices.actions.get(theirs, next(iter(prices.actions.values())))
        return base._replace(
            value=base.value * times,
            entry=f"{component.kind}.{theirs}",
            formula=f"{theirs or 'no action'} {base.value:g} pJ x {times:g}",
            source=f"Accelergy, class {component.kind}",
        )


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in (done.stderr + "\n" + done.stdout).splitlines()]
    said = [line for line in lines if line and not set(line) <= set("=|- ")]
    errors = [line for line in said if "error" in line.lower()]
    return (errors or said or ["it said nothing"])[-1][:300]
