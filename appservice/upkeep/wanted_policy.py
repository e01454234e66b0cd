"""The contact policy that a delivery asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from appservice.contacts.circles import policy_of
from appservice.contacts.policy import Policy
from appservice.contacts.question import Questions
from appservice.rooms.desired import Desired
from appservice.school.problem import Delivery
from appservice.upkeep.reconcile import Deployment, accepted, wish_of
from appservice.year.waves import started


def policy_wanted(
    delivery: Delivery, desired: Desired, deployment: Deployment, *, today: date
) -> Policy:
    """The policy over everyone who is to have an account, but for those who are held. Pure."""
    return policy_of(
        started(accepted(delivery), deployment.calendar.rollout, today),
        _users(delivery, desired, deployment),
        deployment.contacts,
        today=today,
        held=delivery.held,
    )


def questions(delivery: Delivery, deployment: Deployment, *, today: date) -> Questions:
    """Who may write to whom by this delivery, for those who ask why. Pure."""
    wish = wish_of(delivery, deployment, today=today)
    return Questions(
        started(accepted(delivery), deployment.calendar.rollout, today),
        _users(delivery, wish.desired, deployment),
        deployment.contacts,
        today=today,
    )


def _users(delivery: Delivery, desired: Desired, deployment: Deployment) -> Mapping[str, str]:
    """The accounts that are to be there, by person id."""
    identities = deployment.identities
    found = {}
    for person_id, person in accepted(delivery).people.items():
        user_id = identities.user_id(person)
        if user_id is not None and user_id in desired.accounts:
            found[person_id] = user_id
    return found
