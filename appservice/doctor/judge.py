"""What the facts mean, and what to do about them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from appservice.config.model import Config
from appservice.doctor import judge_community, judge_synapse
from appservice.doctor.facts import (
    DatabaseSeen,
    Facts,
    Finding,
    NotSeen,
    Reached,
    Verdict,
    not_seen,
)
from appservice.language import _

CLOCKS_MAY_DIFFER_S: Final = 5.0
OLDEST_POSTGRES: Final = 13


def judge(config: Config, facts: Facts, expected: Mapping[str, object]) -> tuple[Finding, ...]:
    """Every finding, in the order in which they should be mended.

    `expected` is the registration that Synapse should have.
    """
    return (
        judge_synapse.homeserver(config, facts.reached),
        _clock(facts.reached),
        _registration(config, facts.registration, expected),
        _rate_limits(facts.registration),
        judge_synapse.token(config, facts.who),
        judge_synapse.synapse(facts.synapse),
        judge_synapse.room_version(config, facts.room_versions),
        judge_synapse.admin(config, facts.bot_is_admin),
        judge_synapse.module(facts.module),
        judge_community.community(config, facts),
        judge_synapse.ping(config, facts),
        judge_synapse.namespaces(facts.people_in_namespaces),
        *((judge_synapse.page(config, facts.serves_openid),) if config.page.widget else ()),
        _database(facts.database),
        _roster(config, facts.roster_is_there),
    )


def is_well(findings: tuple[Finding, ...]) -> bool:
    """Whether nothing failed."""
    return all(finding.verdict is not Verdict.FAILED for finding in findings)


def _clock(reached: Reached | NotSeen) -> Finding:
    title = _("Clock")
    if isinstance(reached, NotSeen):
        return not_seen("clock", title, NotSeen())
    if reached.there is None:
        return Finding("clock", title, Verdict.NOT_SEEN, _("the homeserver names no time"))
    difference = (reached.there - reached.here).total_seconds()
    # The header has whole seconds, and the answer was under way for a while.
    if abs(difference) <= CLOCKS_MAY_DIFFER_S + reached.seconds:
        return Finding("clock", title, Verdict.OK, _("the same as the homeserver's"))
    return Finding(
        "clock",
        title,
        Verdict.WARNING,
        _("{seconds} s away from the homeserver's").format(seconds=round(abs(difference))),
        _("Let both machines keep time with NTP: which change came last is told by the clock."),
    )


def _registration(
    config: Config,
    registration: Mapping[str, object] | NotSeen | None,
    expected: Mapping[str, object],
) -> Finding:
    title = _("Registration")
    path = config.appservice.registration
    write_again = _(
        "Run `school-spaces registration -g`, give the file to Synapse and restart Synapse."
    )
    if isinstance(registration, NotSeen):
        return Finding(
            "registration",
            title,
            Verdict.NOT_SEEN,
            registration.why,
            _("Let this user read it: the doctor compares it with the configuration."),
        )
    if registration is None:
        return Finding(
            "registration",
            title,
            Verdict.WARNING,
            _("there is no file {path}").format(path=path),
            _("Name the file that Synapse reads in `appservice.registration`.") + " " + write_again,
        )
    different = sorted(
        key
        for key in expected.keys() | registration.keys()
        if key not in ("namespaces", "rate_limited") and expected.get(key) != registration.get(key)
    )
    if different:
        return Finding(
            "registration",
            title,
            Verdict.FAILED,
            _("{path} does not fit the configuration: {keys}").format(
                path=path, keys=", ".join(different)
            ),
            write_again,
        )
    return Finding("registration", title, Verdict.OK, str(path))


def _rate_limits(registration: Mapping[str, object] | NotSeen | None) -> Finding:
    title = _("Rate limits")
    if registration is None or isinstance(registration, NotSeen):
        return not_seen("rate_limits", title, NotSeen(_("the registration was not read")))
    if registration.get("rate_limited") is False:
        return Finding("rate_limits", title, Verdict.OK, _("we are exempt"))
    return Finding(
        "rate_limits",
        title,
        Verdict.WARNING,
        _("Synapse limits us: a school takes hours"),
        _("Write `rate_limited: false` into the registration and restart Synapse."),
    )


def _database(database: DatabaseSeen | NotSeen) -> Finding:
    title = _("Database")
    if isinstance(database, NotSeen):
        return Finding(
            "database",
            title,
            Verdict.FAILED,
            database.why,
            _("Check `database.url` and that PostgreSQL runs."),
        )
    kind = _("embedded PostgreSQL") if database.embedded else "PostgreSQL"
    seen = f"{kind} {database.version}"
    if int(database.version.split(".")[0]) < OLDEST_POSTGRES:
        return Finding(
            "database",
            title,
            Verdict.FAILED,
            seen,
            _("PostgreSQL {oldest} or newer is needed.").format(oldest=OLDEST_POSTGRES),
        )
    if database.schema > database.newest_schema:
        return Finding(
            "database",
            title,
            Verdict.FAILED,
            _("{seen}, made by a newer School Spaces (schema {schema})").format(
                seen=seen, schema=database.schema
            ),
            _("Update School Spaces."),
        )
    if database.schema < database.newest_schema:
        return Finding(
            "database",
            title,
            Verdict.OK,
            _("{seen}, schema {schema} of {newest}: the next start brings it up").format(
                seen=seen, schema=database.schema, newest=database.newest_schema
            ),
        )
    return Finding(
        "database",
        title,
        Verdict.OK,
        _("{seen}, schema {schema}").format(seen=seen, schema=database.schema),
    )


def _roster(config: Config, is_there: bool) -> Finding:
    title = _("Roster")
    if is_there:
        return Finding("roster", title, Verdict.OK, str(config.roster.path))
    return Finding(
        "roster",
        title,
        Verdict.FAILED,
        _("there is nothing at {path}").format(path=config.roster.path),
        _("Write its place into `roster.path`."),
    )
