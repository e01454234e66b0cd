"""What a delivery with tolerated errors leaves as it was: nobody loses a contact because a row
could not be read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from appservice.contacts.policy import Policy


def kept_as_they_were(
    policy: Policy, before: Policy, *, held: Collection[str], held_users: Collection[str]
) -> Policy:
    """The policy with what is held taken over from `before`, the one in force.

    `held` are the ids of Delivery.held, `held_users` the accounts of the people among them. Held
    people keep their entry. A held class or group is gone from `policy`, and with it whatever its
    people are through it: they keep what they had, beside what they are given.
    """
    if not held:
        return policy
    people = dict(policy.people)
    ids = frozenset(held)
    circles = {circle for circle, places in before.around.items() if not ids.isdisjoint(places)}
    for user, old in before.people.items():
        new = people.get(user)
        if user in held_users:
            people[user] = old
        elif any(place.rpartition(" ")[0] in circles for place in old.circles):
            people[user] = (
                old
                if new is None
                else new._replace(
                    roles=tuple(sorted({*new.roles, *old.roles})),
                    circles=tuple(sorted({*new.circles, *old.circles})),
                )
            )
    around = {circle: before.around[circle] for circle in circles}
    return replace(policy, people=people, around={**policy.around, **around})
