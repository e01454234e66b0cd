"""How closed the community is: what the module holds people to, and what stays open. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from appservice.config.model import Config
from appservice.contacts.document import rules_digest
from appservice.doctor.facts import (
    DatabaseSeen,
    Facts,
    Finding,
    ModuleSeen,
    NotSeen,
    PolicySeen,
    Reached,
    Verdict,
    not_seen,
)
from appservice.language import _, n_

POLICY: Final = "policy"
"""The ability of a module that takes contact rules."""

CHECKED_AT_LEAST_EVERY: Final = timedelta(days=2)


def community(config: Config, facts: Facts) -> Finding:
    """Whether everybody may write to whom the rules let them write to, and to nobody else."""
    title = _("Contact rules")
    module, policy = facts.module, facts.policy
    if isinstance(module, NotSeen) and not module.why:
        return not_seen("community", title, module)
    if not isinstance(module, ModuleSeen):
        return _open(
            title,
            _(
                "Load the Synapse module: docs/synapse-module.md. Until then the service undoes"
                " what it sees in the school's rooms, and sees nothing of other rooms."
            ),
        )
    if POLICY not in module.abilities:
        return _open(title, _("Update the module in Synapse to the version of this service."))
    if isinstance(policy, NotSeen):
        return not_seen("community", title, policy)
    if policy is None:
        return _open(
            title,
            _("Synapse has no rules yet: `school-spaces apply` gives it those of the school."),
        )
    return _given(config, facts, policy, title)


def _open(title: str, advice: str) -> Finding:
    return Finding(
        "community",
        title,
        Verdict.WARNING,
        _(
            "open: everyone with an account on this homeserver can find everyone, write to them,"
            " and make rooms, addresses and public rooms"
        ),
        advice,
    )


def _given(config: Config, facts: Facts, policy: PolicySeen, title: str) -> Finding:
    text = n_(
        "version {version}, {people} person", "version {version}, {people} people", policy.people
    ).format(version=policy.version, people=policy.people)
    database = facts.database
    if not isinstance(database, DatabaseSeen):
        return Finding("community", title, Verdict.OK, text)
    if (policy.version, policy.digest) != (database.policy_version, database.policy_digest):
        return Finding(
            "community",
            title,
            Verdict.WARNING,
            _("{seen}; but it is not what this service gave it last").format(seen=text),
            _("`school-spaces apply` gives it the rules of the school again."),
        )
    if database.policy_rules != rules_digest(config.contacts.rules()):
        return Finding(
            "community",
            title,
            Verdict.WARNING,
            _("{seen}; the configuration says other rules by now").format(seen=text),
            _("`school-spaces apply`, or a restart of the service, brings them to Synapse."),
        )
    checked = database.policy_checked_at
    reached = facts.reached
    if (
        isinstance(reached, Reached)
        and checked is not None
        and reached.here - checked > CHECKED_AT_LEAST_EVERY
    ):
        return Finding(
            "community",
            title,
            Verdict.WARNING,
            _("{seen}; last compared with the roster on {day}").format(
                seen=text, day=checked.date().isoformat()
            ),
            _("Who is what changes with the date: let `school-spaces run` run."),
        )
    return Finding("community", title, Verdict.OK, text)
