"""Who brings the school in line by itself, out of an office's parts."""

from __future__ import annotations

from appservice.app import today_at
from appservice.service.office import Office
from appservice.upkeep.syncing import Reporter, Syncer
from appservice.year.blackout import may_sync


def syncer_of(office: Office, reporter: Reporter) -> Syncer:
    """One a process is enough; several do no harm."""
    config = office.config
    return Syncer(
        office.database,
        config.sync,
        deliver=office.deliver,
        house_of=office.house_of,
        standing=office.standing,
        reporter=reporter,
        noted=office.metrics,
        may_sync=lambda: may_sync(today_at(config), config.calendar),
    )
