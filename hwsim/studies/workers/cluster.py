"""Workers of a dask cluster: on other machines, coming and going."""

from __future__ import annotations

import json
import logging
import pickle
import secrets
import sys
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hwsim.errors import InputError, one_line
from hwsim.studies.plan import Plan
from hwsim.studies.workers.calls import Call
from hwsim.studies.workers.cluster_main import Absent, deliver, forget, interrupt, serve
from hwsim.studies.workers.cluster_versions import refuse_other_versions
from hwsim.studies.workers.parcel import Parcel, pack
from hwsim.studies.workers.protocol import WorkerLostError
from hwsim.studies.workers.seats import Seat, SeatedWorkers

if TYPE_CHECKING:
    from distributed import Client, Future, Security

#: How long a scheduler may take to answer [s].
PATIENCE_S: Final = 10.0
#: How often it is seen which workers there are [s].
_LOOK_S: Final = 0.5
#: How long to wait for more to send: a message costs some milliseconds in all [s].
_LINGER_S: Final = 0.02
#: How long saying goodbye may take [s].
_FAREWELL_S: Final = 1.0
#: Jobs in flight for each thread of a worker; a message with many costs as much as with one.
_AHEAD: Final = 64


@dataclass(frozen=True)
class TlsFiles:
    """Certificates for a scheduler at ``tls://``; dask's own configuration where None.

    Parameters
    ----------
    ca, cert, key : Path, optional
        Of the authority, of this client, and its private key, PEM.
    """

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


class ClusterWorkers(SeatedWorkers):
    """Workers of a dask scheduler.

    Each that is there or comes is asked for its version before it gets a job. The weights of a plan
    travel to it once, by content, from here or from another worker. What a worker had when it died
    is done elsewhere.

    Parameters
    ----------
    scheduler : str
        Its address (``tcp://host:8786``), or a file that it has written (``--scheduler-file``).
    tls : TlsFiles
        Certificates.

    Raises
    ------
    InputError
        If dask is not installed, the scheduler cannot be reached, or a worker has another hwsim.
    """

    def __init__(self, scheduler: str, tls: TlsFiles = TlsFiles()) -> None:
        super().__init__(_LINGER_S)
        self._scheduler = scheduler
        self._client = _connected(scheduler, tls)
        self._freight = _Freight(self._client)
        self._seats: dict[str, list[_ClusterSeat]] = {}
        self._fault: InputError | None = None
        self._closing = threading.Event()
        try:
            self._look()
        except BaseException:
            _quietly(self._client.close)
            raise
        if not self._seats:
            print(f"waiting for workers of {scheduler}", file=sys.stderr)
        self._watch = threading.Thread(target=self._watch_workers, daemon=True)
        self._watch.start()

    @property
    def slots(self) -> int:
        """How many threads the workers have that are there now."""
        return max(1, sum(len(seats) - 1 for seats in list(self._seats.values())))

    @property
    def ahead(self) -> int:
        """So many that messages are worth their cost."""
        return _AHEAD * self.slots

    def check(self) -> None:
        """Refuse to go on without a scheduler, or with a worker of another hwsim."""
        if self._fault is not None:
            raise self._fault

    def take(self, plan: Plan) -> None:
        """Pack the plan; it travels to whoever needs it."""
        self._freight.add(plan)

    def stop(self) -> None:
        """Cancel what waits, and end the programs that run."""
        self._closing.set()
        self.leave()
        for seat in self._all_seats():
            seat.lose()
        self._tell_workers(interrupt)

    def close(self) -> None:
        """Let the workers forget what they were given, and leave them to others."""
        self._closing.set()
        self.leave()
        self._watch.join(PATIENCE_S)
        self._tell_workers(forget)
        _quietly(self._client.close, timeout=_FAREWELL_S)

    def _tell_workers(self, what: Callable[[str], None]) -> None:
        if self._client.status == "running":
            _quietly(self._client.run, what, self._freight.session, on_error="ignore")

    def _watch_workers(self) -> None:
        while not self._closing.wait(_LOOK_S):
            try:
                self._look()
            except InputError as error:
                self._fault = error
                return
            except Exception as error:
                if not self._closing.is_set():
                    self._fault = InputError(
                        f"{self._scheduler}: the scheduler is gone ({_reason(error)}); what was "
                        "finished is kept, run again when it is back"
                    )
                    for seat in self._all_seats():
                        seat.lose()
                return

    def _look(self) -> None:
        """See who has come and who has gone."""
        there: Mapping[str, int] = self._client.nthreads()
        for address in self._seats.keys() - there.keys():
            for seat in self._seats.pop(address):
                self._jobs.dismiss(seat.place)
                seat.lose()
                self._threads.pop(seat)
        new = there.keys() - self._seats.keys()
        refuse_other_versions(self._client, sorted(new))
        for address in new:
            place = f"{address} {secrets.token_hex(4)}"  # another may come to the same address
            # One more than it has threads, so that none waits for a message.
            seats = [_ClusterSeat(self._freight, address, place) for _ in range(there[address] + 1)]
            self._seats[address] = seats
            for seat in seats:
                self.sit(seat)

    def _all_seats(self) -> list[_ClusterSeat]:
        return [seat for seats in list(self._seats.values()) for seat in seats]


class _Freight:
    """Plans, and their arrays as dask holds them for the workers."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.session = secrets.token_hex(8)
        self._parcels: dict[str, Parcel] = {}
        self._contents: dict[str, memoryview] = {}
        self._held: dict[str, Future] = {}
        self._lock = threading.Lock()

    def add(self, plan: Plan) -> None:
        parcel, contents = pack(plan)
        self._parcels[plan.key] = parcel
        self._contents |= contents

    def send(self, plan: str, address: str) -> Future:
        """Have a worker take a plan; dask brings it the arrays that it has not."""
        parcel = self._parcels[plan]
        with self._lock:
            lost = {
                name: np.frombuffer(self._contents[name], np.uint8)
                for name in parcel.arrays
                if name not in self._held or self._held[name].status != "finished"
            }
            if lost:  # or never sent
                named = {f"hwsim-{name}": array for name, array in lost.items()}
                held = self.client.scatter(named, workers=[address])
                self._held |= {name: held[f"hwsim-{name}"] for name in lost}
            arrays = [self._held[name] for name in parcel.arrays]
        return self.client.submit(
            deliver, self.session, parcel, *arrays, workers=[address], pure=False
        )


class _ClusterSeat(Seat):
    """A thread of a worker, as long as it is there."""

    def __init__(self, freight: _Freight, address: str, place: str) -> None:
        self._freight = freight
        self._address = address
        self._place = place
        self._flying: Future | None = None
        self._lost = False

    @property
    def place(self) -> Hashable:
        return self._place

    def ask(self, calls: Sequence[Call]) -> list[Any]:
        packed = pickle.dumps(calls)
        freight = self._freight
        while True:
            future = freight.client.submit(
                serve, freight.session, packed, workers=[self._address], pure=False
            )
            answers = pickle.loads(self._result(future))
            if not isinstance(answers, Absent):
                return list(answers)
            for plan in answers.plans:
                self._result(freight.send(plan, self._address))

    def lose(self) -> None:
        """Wait no more for the worker."""
        self._lost = True
        if (future := self._flying) is not None:
            _quietly(future.cancel)

    def _result(self, future: Future) -> Any:
        from distributed import KilledWorker

        self._flying = future
        try:
            if self._lost:
                raise CancelledError
            return future.result()
        except (CancelledError, KilledWorker, OSError) as error:
            raise WorkerLostError(f"the worker {self._address} is gone") from error
        finally:
            self._flying = None


def _connected(scheduler: str, tls: TlsFiles) -> Client:
    """Connect to a scheduler, and say so in one line if it cannot be."""
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "a scheduler needs dask.distributed, which is not installed: pip install "
            "'hwsim[cluster]'"
        ) from error
    client = Client.__new__(Client)
    security = _security(tls)
    settings = {"timeout": PATIENCE_S, "security": security, "set_as_default": False}
    done: SimpleQueue[Exception | None] = SimpleQueue()

    def connect() -> None:
        try:
            client.__init__(_address(scheduler), name="hwsim", **settings)
            done.put(None)
        except Exception as error:
            done.put(error)

    # Apart, because dask waits for ever for what listens there and is no scheduler.
    threading.Thread(target=connect, daemon=True).start()
    with _silence():
        try:
            fault = done.get(timeout=PATIENCE_S + 1)
        except Empty:
            fault = TimeoutError("what listens there does not answer")
    if fault is None:
        return client
    client.status = "closed"  # else it would wait for the scheduler once more when it goes
    raise InputError(
        f"{scheduler}: no dask scheduler can be reached there ({_reason(fault)}); start one "
        "(dask scheduler), or see whether it is tcp:// or tls://"
    ) from fault


def _address(scheduler: str) -> str:
    """Take an address, or read it from the file that a scheduler has written."""
    file = Path(scheduler)
    return str(json.loads(file.read_text())["address"]) if file.is_file() else scheduler


def _security(tls: TlsFiles) -> Security | None:
    """Take what is given, and from dask's configuration what is not."""
    from distributed import Security

    given = {"tls_ca_file": tls.ca, "tls_client_cert": tls.cert, "tls_client_key": tls.key}
    named = {name: str(path) for name, path in given.items() if path is not None}
    for path in named.values():
        if not Path(path).is_file():
            raise InputError(f"{path}: no such file; name a certificate or key for TLS")
    return Security(require_encryption=True, **named) if named else None


@contextmanager
def _silence() -> Iterator[None]:
    """Keep dask from logging what is told in one line."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _quietly(function: Callable[..., object], *arguments: object, **named: object) -> None:
    """Call something on the way out, which may find that nobody is there any more."""
    with _silence(), suppress(Exception):
        function(*arguments, **named)


def _reason(error: Exception) -> str:
    return one_line(error) or type(error).__name__
