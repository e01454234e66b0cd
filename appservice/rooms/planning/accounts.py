"""What has to be done to the accounts, so that they are as they must be. Pure; knows nothing of the
order of a plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from appservice.language import _
from appservice.rooms.actions import (
    Action,
    CreateAccount,
    DeactivateAccount,
    RestoreAccount,
    SuspendAccount,
    UpdateAccount,
)
from appservice.rooms.desired import Desired, DesiredAccount
from appservice.rooms.observed import ObservedAccount
from appservice.year.leavers import AccountStanding, Leavers, last_administrator_of


def diff_accounts(desired: Desired, observed: Mapping[str, ObservedAccount]) -> Iterator[Action]:
    """Accounts to be made, changed or opened again; and, where the desired state says what becomes
    of leavers, those to be suspended or deactivated.
    """
    for user, account in desired.accounts.items():
        if user in desired.held_users:
            continue
        known = observed.get(user)
        if known is None:
            yield CreateAccount(user)
        elif user in desired.suspended:
            if known.active and not known.server_admin and desired.leavers is not None:
                yield SuspendAccount(user)
        elif not known.active:
            yield RestoreAccount(user, known.standing.value)
        elif changed := tuple(_changed(account, known, desired)):
            yield UpdateAccount(user, changed)
    if desired.leavers is not None:
        for known in _leavers(desired, observed):
            yield from _farewell(known, desired, desired.leavers)


def wanted_external_ids(
    account: DesiredAccount, known: ObservedAccount | None, desired: Desired
) -> tuple[tuple[str, str], ...]:
    """What an account's external ids are to be: ours, and what other providers have bound to it
    since.
    """
    ours = {*desired.governed, *(provider for provider, _id in account.external_ids)}
    others = [pair for pair in known.external_ids if pair[0] not in ours] if known else []
    return tuple(sorted({*account.external_ids, *others}))


def leaver_notes(desired: Desired, observed: Mapping[str, ObservedAccount]) -> Iterator[str]:
    """Accounts that stay although nobody in the roster has them: a reader should know why."""
    if desired.leavers is None:
        return
    for known in _leavers(desired, observed):
        if known.server_admin:
            yield _(
                "{user} is in no roster any more and is an administrator of the homeserver: the"
                " account stays as it is."
            ).format(user=known.user_id)
        for school in last_administrator_of(known.past, desired.admins):
            yield _(
                "{user} was the last administrator of school {school}: the account stays as it is"
                " until the school has another one."
            ).format(user=known.user_id, school=school)


def _changed(account: DesiredAccount, known: ObservedAccount, desired: Desired) -> Iterator[str]:
    if known.display_name != account.display_name:
        yield "display_name"
    if sorted(known.external_ids) != sorted(wanted_external_ids(account, known, desired)):
        yield "external_ids"


def _leavers(
    desired: Desired, observed: Mapping[str, ObservedAccount]
) -> Iterator[ObservedAccount]:
    """Accounts that we made, that can be used or are suspended, and that nobody is to have."""
    leavers = desired.leavers
    for user, known in observed.items():
        if (
            leavers is not None
            and user not in desired.accounts
            and user not in desired.held_users
            and known.standing is not AccountStanding.DEACTIVATED
            and leavers.is_ours(known.external_ids)
        ):
            yield known


def _farewell(known: ObservedAccount, desired: Desired, leavers: Leavers) -> Iterator[Action]:
    if known.server_admin or last_administrator_of(known.past, desired.admins):
        return
    if known.active:
        yield SuspendAccount(known.user_id)
    elif leavers.is_over(known.user_id, known.past):
        yield DeactivateAccount(known.user_id)
