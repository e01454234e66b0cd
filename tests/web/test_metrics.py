"""The numbers that Prometheus reads."""

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client.parser import text_string_to_metric_families

from appservice.errors import Temporary
from appservice.matrix.endpoints import endpoint_of
from appservice.rooms.observed import InboundEvent
from appservice.storage.gauges import QueueGauge, RunGauge
from appservice.storage.outbox import OutboxGauge
from appservice.web.metrics import Metrics, Refresh, add_metrics

Sample = tuple[str, tuple[tuple[str, str], ...], float]


async def scraped(metrics: Metrics, refresh: Refresh) -> set[Sample]:
    """What stands there of ours, without buckets and times of making."""
    application = web.Application()
    add_metrics(application, metrics, refresh)
    async with (
        TestServer(application) as server,
        aiohttp.ClientSession() as session,
        session.get(server.make_url("/metrics")) as answer,
    ):
        assert answer.status == 200
        text = await answer.text()
    return {
        (
            sample.name.removeprefix("school_spaces_"),
            tuple(sorted(sample.labels.items())),
            sample.value,
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("school_spaces_")
        and not sample.name.endswith(("_bucket", "_created"))
    }


async def from_the_database(metrics: Metrics) -> None:
    metrics.database(
        [QueueGauge("room", due=2, later=1, under_way=3, lag_s=4.5)],
        [RunGauge("apply", "done", 7), RunGauge("audit", "", 1)],
    )
    metrics.diary_outbox(OutboxGauge(queued=4, dead=1, lag_s=2.5))


async def away(_metrics: Metrics) -> None:
    raise Temporary("The database is away.")


async def test_what_happens_is_counted_and_what_waits_is_shown() -> None:
    metrics = Metrics()
    event = InboundEvent("!r", "m.room.topic", "", {}, "@a:school.test", "$e", 10_000)
    metrics.request("PUT", "/a/{}", "200", 0.5)
    metrics.transaction([event], is_new=True, now=12.0)
    metrics.transaction([event], is_new=False, now=99.0)
    metrics.planned({"add_member": 3})
    metrics.planned({"create_room": 1})
    metrics.acted("create_room", done=1, failed=0, skipped=2)
    metrics.repaired("power_levels")
    metrics.synced("held")
    metrics.diary_events("accepted", 3)
    metrics.diary_try("sent", 0.5)
    metrics.diary_try("failed", 0.0)
    metrics.homeserver(is_up=True)
    request = (("endpoint", "/a/{}"), ("method", "PUT"), ("outcome", "200"))
    counted = {
        ("homeserver_request_seconds_count", request, 1.0),
        ("homeserver_request_seconds_sum", request, 0.5),
        ("transactions_total", (("repeated", "no"),), 1.0),
        ("transactions_total", (("repeated", "yes"),), 1.0),
        ("transaction_lag_seconds_count", (), 1.0),
        ("transaction_lag_seconds_sum", (), 2.0),
        ("plan_actions", (("kind", "create_room"),), 1.0),
        ("actions_total", (("kind", "create_room"), ("result", "done")), 1.0),
        ("actions_total", (("kind", "create_room"), ("result", "skipped")), 2.0),
        ("repairs_total", (("kind", "power_levels"),), 1.0),
        ("syncs_total", (("outcome", "held"),), 1.0),
        ("diary_events_total", (("verdict", "accepted"),), 3.0),
        ("diary_messages_total", (("outcome", "failed"),), 1.0),
        ("diary_messages_total", (("outcome", "sent"),), 1.0),
        ("diary_wait_seconds_count", (), 1.0),
        ("diary_wait_seconds_sum", (), 0.5),
        ("homeserver_up", (), 1.0),
    }
    assert await scraped(metrics, from_the_database) == counted | {
        ("database_up", (), 1.0),
        ("queue_jobs", (("entrypoint", "room"), ("state", "due")), 2.0),
        ("queue_jobs", (("entrypoint", "room"), ("state", "later")), 1.0),
        ("queue_jobs", (("entrypoint", "room"), ("state", "under_way")), 3.0),
        ("queue_lag_seconds", (("entrypoint", "room"),), 4.5),
        ("diary_outbox", (("state", "waiting"),), 4.0),
        ("diary_outbox", (("state", "dead"),), 1.0),
        ("diary_outbox_lag_seconds", (("state", "waiting"),), 2.5),
        ("runs", (("kind", "apply"), ("outcome", "done")), 7.0),
        ("runs", (("kind", "audit"), ("outcome", "unfinished")), 1.0),
    }
    assert await scraped(metrics, away) == counted | {("database_up", (), 0.0)}


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/_matrix/client/v3/createRoom", "/_matrix/client/v3/createRoom"),
        (
            "/_matrix/client/v3/rooms/%21abc%3Aschool.test/kick",
            "/_matrix/client/v3/rooms/{}/kick",
        ),
        (
            "/_matrix/client/v3/rooms/%21abc/state/m.room.name/",
            "/_matrix/client/v3/rooms/{}/state/{}",
        ),
        (
            "/_matrix/client/v3/rooms/%21abc/state/free/Anna",
            "/_matrix/client/v3/rooms/{}/state/{}/{}",
        ),
        ("/_synapse/admin/v2/users/%40u4k2c%3Aschool.test", "/_synapse/admin/v2/users/{}"),
        (
            "/_matrix/client/v3/directory/room/%23school.5a%3Aschool.test",
            "/_matrix/client/v3/directory/room/{}",
        ),
    ],
)
def test_an_endpoint_names_no_room_and_nobody(path: str, endpoint: str) -> None:
    assert endpoint_of(path) == endpoint
