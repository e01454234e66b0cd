"""Makes a plan: what the roster gives, against what the database says there is. Asks the homeserver
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from appservice.accounts.desired import AccountBook, desired_accounts
from appservice.accounts.identity import ComputedIdentities, Identities, identities
from appservice.accounts.settings import MARK_PROVIDER, AccountsSettings
from appservice.collector import collector_at_rest
from appservice.contacts.settings import ContactsSettings
from appservice.errors import Refused, Temporary
from appservice.language import _, n_
from appservice.rooms.desired import Desired
from appservice.rooms.kinds.roster_rooms import desired_state
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.planning.maker import PlanMaker
from appservice.rooms.planning.plan import Plan
from appservice.rooms.planning.safety import SafetySettings
from appservice.school.model import Roster, School
from appservice.school.problem import Delivery
from appservice.storage.observed import ObservedStore
from appservice.year.archive import Archive
from appservice.year.leavers import Leavers, graduates
from appservice.year.settings import CalendarSettings, WaveSettings
from appservice.year.waves import started, unknown_names, waiting

_ROOMS_AT_ONCE: Final = 200  # read in full and compared
_SHOWN: Final = 5
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the configuration says about one deployment, as far as rooms, accounts and contacts are
    concerned.
    """

    server_name: str
    bot: str  # user id
    accounts: AccountsSettings
    rooms: RoomsSettings
    safety: SafetySettings
    namespace: str = ""  # of person ids
    contacts: ContactsSettings = field(default_factory=ContactsSettings)
    calendar: CalendarSettings = field(default_factory=CalendarSettings)
    page: str = ""  # address of the diary page as a widget

    @property
    def identities(self) -> Identities:
        """Raises Refused while the secret for account names was not made."""
        return identities(self.accounts, namespace=self.namespace, server_name=self.server_name)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a delivery asks for on the day `today`. `notes` are for the reader of the plan.

    `delivery` is what an apply accepts; None leaves the accepted roster as it is. `user_ids` are
    those of the people who have an account, by person id; `schools` by school id.
    """

    desired: Desired
    today: date
    notes: tuple[str, ...] = ()
    delivery: Delivery | None = None
    user_ids: Mapping[str, str] = field(default_factory=dict)
    schools: Mapping[str, School] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outlook:
    """A plan with all that is needed to carry it out. `room_ids`: the kept rooms' ids by key."""

    desired: Desired
    plan: Plan
    room_ids: Mapping[str, str]


def wish_of(delivery: Delivery, deployment: Deployment, *, today: date) -> Wish:
    """What must be true on the day `today`. Pure. Raises Refused when the delivery cannot be
    used.
    """
    with collector_at_rest():
        return _wish_of(delivery, deployment, today)


def _wish_of(delivery: Delivery, deployment: Deployment, today: date) -> Wish:
    whole = accepted(delivery)
    waves = deployment.calendar.rollout
    roster = started(whole, waves, today)
    people = deployment.identities
    book = desired_accounts(roster, people, deployment.accounts, today=today)
    desired = desired_state(
        roster,
        user_ids=_with_held(book.user_ids, delivery.held, roster, people),
        accounts=book.accounts,
        settings=deployment.rooms,
        server_name=deployment.server_name,
        bot=deployment.bot,
        today=today,
        held=delivery.held,
        page=deployment.page,
    )
    desired = replace(
        desired,
        governed=frozenset({MARK_PROVIDER, *deployment.accounts.external_ids.values()}),
        leavers=_leavers(roster, deployment, today),
        archive=Archive(
            today,
            deployment.rooms.archive,
            {school.school_id: school.year for school in roster.schools},
        ),
    )
    notes = (*_unknown_notes(book, roster), *_wave_notes(whole, waves, today))
    return Wish(
        desired,
        today,
        notes,
        delivery,
        user_ids=book.user_ids,
        schools={school.school_id: school for school in roster.schools},
    )


def _leavers(roster: Roster, deployment: Deployment, today: date) -> Leavers | None:
    """None where others keep the accounts: nobody is shut out there."""
    people = deployment.identities
    if not isinstance(people, ComputedIdentities):
        return None
    return Leavers(
        today,
        MARK_PROVIDER,
        deployment.accounts.leavers,
        frozenset(map(people.user_id_of, graduates(roster))),
    )


def accepted(delivery: Delivery) -> Roster:
    """The roster of a delivery that was accepted; Refused with what is wrong otherwise."""
    if delivery.roster is not None:
        return delivery.roster
    total = sum(delivery.counts.values())
    raise Refused(
        n_(
            "The roster was not accepted: {count} problem. Nothing was changed. See `school-spaces"
            " roster check`.",
            "The roster was not accepted: {count} problems. Nothing was changed. See"
            " `school-spaces roster check`.",
            total,
        ).format(count=total),
        *(f"{code}: {count}" for code, count in sorted(delivery.counts.items())),
    )


async def reconcile(
    wish: Wish,
    store: ObservedStore,
    safety: SafetySettings,
    *,
    first_run: bool | None = None,
) -> Outlook:
    """Only rooms whose outline differs from what is desired are read in full.

    `first_run`: True until an apply has come to its end; None: as the database looks.
    """
    for _try in range(_TRIES):
        with collector_at_rest():
            outlook = await _outlook(wish, store, safety, first_run)
        if outlook is not None:
            return outlook
    raise Temporary(_("The rooms changed while the plan was being made. Start again."))


async def _outlook(
    wish: Wish, store: ObservedStore, safety: SafetySettings, first_run: bool | None
) -> Outlook | None:
    """None when a room was lost between the first look at it and the second."""
    room_ids = await store.room_ids()
    maker = PlanMaker(wish.desired, room_ids=room_ids, accounts=await store.accounts())
    differing = [outline.key async for outline in store.outlines() if maker.take(outline)]
    for at in range(0, len(differing), _ROOMS_AT_ONCE):
        keys = differing[at : at + _ROOMS_AT_ONCE]
        rooms = await store.rooms(keys)
        if len(rooms) < len(keys):
            return None
        for key in keys:
            maker.take_room(rooms[key])
    plan = maker.finish(await store.totals(), safety, first_run=first_run, notes=wish.notes)
    return Outlook(wish.desired, plan, room_ids)


def _with_held(
    user_ids: Mapping[str, str], held: frozenset[str], roster: Roster, people: Identities
) -> Mapping[str, str]:
    """Also the accounts of those whose rows could not be used: they must be known to be left
    alone.
    """
    if not held:
        return user_ids
    found = dict(user_ids)
    for name in held - user_ids.keys():
        person = roster.people.get(name)
        user_id = people.user_id(person) if person is not None else people.user_id_of(name)
        if user_id is not None:
            found[name] = user_id
        elif person is None and not _is_place(name, roster):
            raise Refused(
                _(
                    "{name} stands in a row with errors, and with accounts of another system"
                    " nobody can tell whose account that is. Correct the row, or tolerate no"
                    " errors."
                ).format(name=name)
            )
    return found


def _is_place(name: str, roster: Roster) -> bool:
    return (
        name in roster.classes
        or name in roster.groups
        or any(school.school_id == name for school in roster.schools)
    )


def _unknown_notes(book: AccountBook, roster: Roster) -> tuple[str, ...]:
    if not book.unknown:
        return ()
    rows = ", ".join(str(roster.people[person].row) for person in book.unknown[:_SHOWN])
    count = len(book.unknown)
    return (
        n_(
            "{count} person has no account in the roster and is left out ({file}, row {rows}).",
            "{count} people have no account in the roster and are left out ({file}, rows {rows}"
            " …).",
            count,
        ).format(count=count, file=roster.files.get("people", "people"), rows=rows),
    )


def _wave_notes(roster: Roster, waves: Sequence[WaveSettings], today: date) -> Iterator[str]:
    if unknown := unknown_names(roster, waves):
        yield _("calendar.rollout names what the roster does not have: {names}.").format(
            names=", ".join(unknown[:_SHOWN])
        )
    if late := len(waiting(roster, waves, today)):
        yield n_(
            "{count} class has not started yet (calendar.rollout).",
            "{count} classes have not started yet (calendar.rollout).",
            late,
        ).format(count=late)
