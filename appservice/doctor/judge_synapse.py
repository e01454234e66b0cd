"""What the facts about the homeserver mean. Pure."""

from __future__ import annotations

import re
from typing import Final

from appservice.config.model import Config
from appservice.doctor.facts import (
    Facts,
    Finding,
    ModuleSeen,
    NotSeen,
    Pinged,
    Reached,
    Verdict,
    not_seen,
)
from appservice.language import _, n_

ABILITIES: Final = ("rooms.create", "rooms.batch")

OLDEST_SYNAPSE: Final = "1.135.2"
"""What README and docs promise: the first with rooms of version 12. The tests run on it too."""


def homeserver(config: Config, reached: Reached | NotSeen) -> Finding:
    title = _("Homeserver")
    if isinstance(reached, NotSeen):
        return Finding(
            "homeserver",
            title,
            Verdict.FAILED,
            _("{url} does not answer: {why}").format(url=config.homeserver.url, why=reached.why),
            _("Check that Synapse runs and that `homeserver.url` is its address."),
        )
    return Finding(
        "homeserver",
        title,
        Verdict.OK,
        _("{url} answers in {ms} ms").format(
            url=config.homeserver.url, ms=round(reached.seconds * 1000)
        ),
    )


def token(config: Config, who: str | NotSeen) -> Finding:
    title = _("Our sign-in")
    if isinstance(who, NotSeen):
        if not who.why:
            return not_seen("token", title, who)
        return Finding(
            "token",
            title,
            Verdict.FAILED,
            _("Synapse does not take our as_token: {why}").format(why=who.why),
            _(
                "List the registration in `app_service_config_files` of homeserver.yaml and restart"
                " Synapse."
            ),
        )
    if who != config.bot:
        return Finding(
            "token",
            title,
            Verdict.FAILED,
            _("Synapse takes us for {seen}, we are {bot}").format(seen=who, bot=config.bot),
            _("Check `homeserver.server_name` and `appservice.bot`."),
        )
    return Finding("token", title, Verdict.OK, who)


def synapse(version: str | NotSeen) -> Finding:
    if isinstance(version, NotSeen):
        return not_seen("synapse", "Synapse", version)
    if _is_older(version, OLDEST_SYNAPSE):
        return Finding(
            "synapse",
            "Synapse",
            Verdict.WARNING,
            _("{version}, older than any that School Spaces is tested with").format(
                version=version
            ),
            _("Update Synapse to {oldest} or newer.").format(oldest=OLDEST_SYNAPSE),
        )
    return Finding("synapse", "Synapse", Verdict.OK, version)


def _is_older(version: str, than: str) -> bool:
    """By the numbers at their beginnings; False where there are none (a build of one's own)."""
    numbers = [re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", one) for one in (version, than)]
    seen, needed = ([int(part or 0) for part in one.groups()] if one else [] for one in numbers)
    return bool(seen) and seen < needed


def room_version(config: Config, offered: frozenset[str] | NotSeen) -> Finding:
    title = _("Room version")
    wanted = config.rooms.version
    if isinstance(offered, NotSeen):
        return not_seen("room_version", title, offered)
    if wanted in offered:
        return Finding("room_version", title, Verdict.OK, wanted)
    return Finding(
        "room_version",
        title,
        Verdict.FAILED,
        _("this Synapse has no rooms of version {version}").format(version=wanted),
        _('Update Synapse, or write `version: "11"` under `rooms:`.'),
    )


def admin(config: Config, is_admin: bool | NotSeen) -> Finding:
    title = _("Server admin")
    if isinstance(is_admin, NotSeen):
        return not_seen("admin", title, is_admin)
    if is_admin:
        return Finding("admin", title, Verdict.OK, _("{bot} is one").format(bot=config.bot))
    return Finding(
        "admin",
        title,
        Verdict.FAILED,
        _("{bot} is none, so it can make no accounts and join nobody").format(bot=config.bot),
        _(
            "As an administrator of Synapse: PUT /_synapse/admin/v2/users/{bot} with"
            ' {{"admin": true}} (docs/install.md has the command).'
        ).format(bot=config.bot),
    )


def module(seen: ModuleSeen | NotSeen | None) -> Finding:
    title = _("Synapse module")
    if isinstance(seen, NotSeen):
        if not seen.why:
            return not_seen("module", title, seen)
        return Finding(
            "module",
            title,
            Verdict.WARNING,
            _("loaded, but not for us: {why}").format(why=seen.why),
            _("Let `bot` of the module in homeserver.yaml be the bot of the registration."),
        )
    if seen is None:
        return Finding(
            "module",
            title,
            Verdict.WARNING,
            _("not loaded"),
            _(
                "Everything works without it, but a large school is made many times faster with"
                " it: docs/install.md."
            ),
        )
    lacking = [ability for ability in ABILITIES if ability not in seen.abilities]
    if lacking:
        return Finding(
            "module",
            title,
            Verdict.WARNING,
            _("loaded, but it cannot: {lacking}").format(lacking=", ".join(lacking)),
            _("Update the module in Synapse to the version of this service."),
        )
    if seen.one_by_one:
        return Finding(
            "module",
            title,
            Verdict.WARNING,
            _("loaded, but slow: {why}").format(why=seen.one_by_one),
            _("Use a Synapse that this version of the module was made for."),
        )
    return Finding("module", title, Verdict.OK, ", ".join(sorted(seen.abilities)))


def ping(config: Config, facts: Facts) -> Finding:
    title = _("Synapse → us")
    address, pinged = config.appservice.address, facts.pinged
    if isinstance(pinged, NotSeen):
        return not_seen("ping", title, pinged)
    if pinged.code and not facts.service_listens:
        return Finding(
            "ping",
            title,
            Verdict.WARNING,
            _("the service is not running here, so this cannot be tried"),
            _("Start `school-spaces run`, then call the doctor again."),
        )
    return ping_answer(pinged, address)


def ping_answer(pinged: Pinged, address: str) -> Finding:
    """What Synapse's word means while the service runs."""
    title = _("Synapse → us")
    if not pinged.code:
        return Finding(
            "ping",
            title,
            Verdict.OK,
            _("it reaches {address} in {ms} ms").format(address=address, ms=pinged.milliseconds),
        )
    text, advice = _why_no_ping(pinged, address)
    return Finding("ping", title, Verdict.FAILED, text, advice)


def _why_no_ping(pinged: Pinged, address: str) -> tuple[str, str]:
    match pinged.code:
        case "M_URL_NOT_SET":
            return (
                _("the registration names no address"),
                _("Write `url: {address}` into it and restart Synapse.").format(address=address),
            )
        case "M_CONNECTION_FAILED" | "M_CONNECTION_TIMEOUT":
            return (
                _("it does not reach {address}").format(address=address),
                _(
                    "`appservice.address` must be reachable from the machine (or container) of"
                    " Synapse: look at `hostname`, `port`, the firewall and container names."
                ),
            )
        case "M_BAD_STATUS":
            return (
                _("somebody else answers at {address}, or with another hs_token").format(
                    address=address
                ),
                _("Compare the registration with the configuration, then restart Synapse."),
            )
        case "M_UNRECOGNIZED":
            return (
                _("this Synapse cannot be asked to try"),
                _("Update Synapse (the ping endpoint is part of Matrix 1.7)."),
            )
        case _:
            return (
                _("it failed: {error} ({code})").format(error=pinged.error, code=pinged.code),
                _("Look into Synapse's log."),
            )


def namespaces(people: int | NotSeen) -> Finding:
    title = _("Namespaces")
    if isinstance(people, NotSeen):
        return not_seen("namespaces", title, people)
    if people == 0:
        return Finding("namespaces", title, Verdict.OK, _("no real people in them"))
    return Finding(
        "namespaces",
        title,
        Verdict.FAILED,
        n_(
            "{count} account of a person is in them: Synapse sends us that person's private chats",
            "{count} accounts of people are in them: Synapse sends us their private chats",
            people,
        ).format(count=people),
        _(
            "Let `namespaces.users` of the registration hold the bot alone: `school-spaces"
            " registration -g` writes it so."
        ),
    )


def page(config: Config, serves_openid: bool | NotSeen) -> Finding:
    """Of a diary page that stands in rooms: whether its widget can learn who is there."""
    title = _("Diary page in rooms")
    if isinstance(serves_openid, NotSeen):
        return not_seen("page", title, serves_openid)
    if serves_openid:
        return Finding("page", title, Verdict.OK, config.page.widget)
    return Finding(
        "page",
        title,
        Verdict.FAILED,
        _("Synapse does not say at {url} whose OpenID token a widget shows: nobody gets in").format(
            url=config.homeserver.url
        ),
        _(
            "Add `openid` to the `names` of this listener's `resources` in homeserver.yaml, beside"
            " `client`, and restart Synapse; a proxy before it must let"
            " /_matrix/federation/v1/openid/userinfo through."
        ),
    )
