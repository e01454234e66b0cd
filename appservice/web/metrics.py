"""What is counted and measured, in Prometheus' words. No label names a person or a room."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from appservice.errors import SchoolSpacesError
from appservice.rooms.observed import InboundEvent, InboundMessage
from appservice.storage.gauges import QueueGauge, RunGauge
from appservice.storage.outbox import OutboxGauge

METRICS: Final = "/metrics"

_PREFIX: Final = "school_spaces"
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180)
_LAG_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60, 300, 1800, 7200)
_MOST_ENDPOINTS: Final = 200
_OTHER: Final = "other"


class Metrics:
    """One process's numbers, in a registry of their own. The methods are told what happens."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        self._endpoints: set[str] = set()
        self._requests = Histogram(
            f"{_PREFIX}_homeserver_request_seconds",
            "How long the homeserver took to answer a request.",
            ("method", "endpoint", "outcome"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._transactions = Counter(
            f"{_PREFIX}_transactions",
            "Transactions of the homeserver that were stored; repeated ones are counted apart.",
            ("repeated",),
            registry=registry,
        )
        self._transaction_lag = Histogram(
            f"{_PREFIX}_transaction_lag_seconds",
            "From the sending of a transaction's last event until it was stored here.",
            buckets=_LAG_SECONDS,
            registry=registry,
        )
        self._actions = Counter(
            f"{_PREFIX}_actions",
            "Actions of plans by kind: done, failed or skipped.",
            ("kind", "result"),
            registry=registry,
        )
        self._repairs = Counter(
            f"{_PREFIX}_repairs",
            "Drift that was undone, by its kind.",
            ("kind",),
            registry=registry,
        )
        self._syncs = Counter(
            f"{_PREFIX}_syncs",
            "Looks at the roster by this process, by how they ended.",
            ("outcome",),
            registry=registry,
        )
        self._plan = Gauge(
            f"{_PREFIX}_plan_actions",
            "What the latest plan made by this process wants to do, by kind.",
            ("kind",),
            registry=registry,
        )
        self._jobs = Gauge(
            f"{_PREFIX}_queue_jobs",
            "Jobs of the whole deployment, by entry point: due, for later, or under way.",
            ("entrypoint", "state"),
            registry=registry,
        )
        self._job_lag = Gauge(
            f"{_PREFIX}_queue_lag_seconds",
            "How long the job that is due longest has waited, by entry point.",
            ("entrypoint",),
            registry=registry,
        )
        self._runs = Gauge(
            f"{_PREFIX}_runs",
            "Applies and audits of the whole deployment on record, by how they ended.",
            ("kind", "outcome"),
            registry=registry,
        )
        self._diary_events = Counter(
            f"{_PREFIX}_diary_events",
            "Events of diaries that came in, by verdict.",
            ("verdict",),
            registry=registry,
        )
        self._diary_tries = Counter(
            f"{_PREFIX}_diary_messages",
            "Tries to send a message of the diary, by how they ended.",
            ("outcome",),
            registry=registry,
        )
        self._diary_wait = Histogram(
            f"{_PREFIX}_diary_wait_seconds",
            "How long a message of the diary stood in its lane until it was sent.",
            buckets=_LAG_SECONDS,
            registry=registry,
        )
        self._diary_queued = Gauge(
            f"{_PREFIX}_diary_outbox",
            "Messages of the diary in the whole deployment that wait, or were given up.",
            ("state",),
            registry=registry,
        )
        self._diary_lag = Gauge(
            f"{_PREFIX}_diary_outbox_lag_seconds",
            "How long the oldest message of the diary has waited.",
            registry=registry,
        )
        self._database_up = Gauge(
            f"{_PREFIX}_database_up", "Whether the database answered just now.", registry=registry
        )
        self._homeserver_up = Gauge(
            f"{_PREFIX}_homeserver_up", "Whether the homeserver answered lately.", registry=registry
        )

    def request(self, method: str, endpoint: str, outcome: str, seconds: float) -> None:
        """See matrix.endpoints.Observed."""
        if endpoint not in self._endpoints:
            if len(self._endpoints) >= _MOST_ENDPOINTS:
                endpoint = _OTHER
            self._endpoints.add(endpoint)
        self._requests.labels(method, endpoint, outcome).observe(seconds)

    def transaction(
        self, told: Sequence[InboundEvent | InboundMessage], *, is_new: bool, now: float
    ) -> None:
        """A transaction was stored, or was stored before. `now` in seconds since the epoch."""
        self._transactions.labels("no" if is_new else "yes").inc()
        if is_new and told:
            sent = max(event.timestamp for event in told) / 1000
            self._transaction_lag.observe(max(0.0, now - sent))

    def planned(self, counts: Mapping[str, int]) -> None:
        """A plan was made; `counts` as Plan.counts."""
        self._plan.clear()
        for kind, count in counts.items():
            self._plan.labels(kind).set(count)

    def acted(self, kind: str, *, done: int, failed: int, skipped: int) -> None:
        """What became of the actions of one kind."""
        for result, count in (("done", done), ("failed", failed), ("skipped", skipped)):
            if count:
                self._actions.labels(kind, result).inc(count)

    def repaired(self, kind: str, count: int = 1) -> None:
        """Drift of this kind was undone."""
        self._repairs.labels(kind).inc(count)

    def synced(self, outcome: str) -> None:
        """A look at the roster ended so."""
        self._syncs.labels(outcome).inc()

    def diary_events(self, verdict: str, count: int) -> None:
        """So many events had this verdict."""
        self._diary_events.labels(verdict).inc(count)

    def diary_try(self, outcome: str, waited_s: float) -> None:
        """See delivery.lanes.Noted."""
        self._diary_tries.labels(outcome).inc()
        if outcome in ("sent", "found"):
            self._diary_wait.observe(max(0.0, waited_s))

    def diary_outbox(self, gauge: OutboxGauge) -> None:
        """What stands in the lanes now."""
        self._diary_queued.labels("waiting").set(gauge.queued)
        self._diary_queued.labels("dead").set(gauge.dead)
        self._diary_lag.set(gauge.lag_s)

    def homeserver(self, *, is_up: bool) -> None:
        self._homeserver_up.set(is_up)

    def database(self, queue: Sequence[QueueGauge], runs: Sequence[RunGauge]) -> None:
        """What stands in the database now."""
        self._database_up.set(1)
        for gauge in (self._jobs, self._job_lag, self._runs):
            gauge.clear()
        for jobs in queue:
            self._jobs.labels(jobs.entrypoint, "due").set(jobs.due)
            self._jobs.labels(jobs.entrypoint, "later").set(jobs.later)
            self._jobs.labels(jobs.entrypoint, "under_way").set(jobs.under_way)
            self._job_lag.labels(jobs.entrypoint).set(jobs.lag_s)
        for ended in runs:
            self._runs.labels(ended.kind, ended.outcome or "unfinished").set(ended.number)

    def database_away(self) -> None:
        """What was read of it before is no longer shown."""
        self._database_up.set(0)
        for gauge in (self._jobs, self._job_lag, self._runs):
            gauge.clear()

    def text(self) -> bytes:
        return generate_latest(self._registry)


Refresh = Callable[[Metrics], Awaitable[None]]
"""Brings what stands in the database up to date; raises one of our errors when it is away."""


def add_metrics(application: web.Application, metrics: Metrics, refresh: Refresh) -> None:
    """Serve the numbers, those of the database as they are at that moment."""

    async def answer(_request: web.Request) -> web.Response:
        try:
            await refresh(metrics)
        except SchoolSpacesError:
            metrics.database_away()
        return web.Response(body=metrics.text(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    application.router.add_get(METRICS, answer)
