"""When a plan must wait for a person: the thresholds of strong roster importers, per kind of thing.

After Clever (over 10 % of any type deleted, over 75 % updated), Canvas (per type) and UCS. An
approval is bound to the digest of the plan that was held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import Field

from appservice.language import _
from appservice.rooms.actions import (
    Action,
    AddMember,
    BanMember,
    CreateAccount,
    CreateRoom,
    DeactivateAccount,
    DeleteRoom,
    GrantPower,
    Link,
    RemoveMember,
    RestoreAccount,
    RevokePower,
    SetState,
    SuspendAccount,
    Unlink,
    UpdateAccount,
)
from appservice.rooms.desired import Desired
from appservice.rooms.identity import key_parts
from appservice.rooms.planning.notes import listed
from appservice.rooms.planning.plan import Hold, Totals
from appservice.school.settings import Section


class SafetySettings(Section):
    """The `safety:` section: how much one plan may change without a person's approval."""

    # Of any one kind (accounts, memberships, rooms, links), in the deployment and in each school.
    removals_percent: float = Field(default=10, ge=0, le=100)
    removals_at_least: int = Field(default=3, ge=1)
    updates_percent: float = Field(default=75, ge=0, le=100)
    # After the first run.
    creations_percent: float = Field(default=50, ge=0)
    # Whether a room left without its teacher, a school left without an administrator, and each new
    # administrator wait.
    teacher_needed: bool = True
    administrator_needed: bool = True
    promotions: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What was seen while the plan was made.

    `totals` is what there is before the plan in the whole deployment, `schools` the rooms and
    memberships of each school. `retired` are the keys of the rooms that end with it because they
    are no longer desired, `archived` says how many have ended before, `leaderless` are those it
    leaves without a teacher; `adminless` are the schools it leaves without an administrator.
    `first_run`: the first apply has not come to its end yet.
    """

    totals: Totals = field(default_factory=Totals)
    schools: Mapping[str, Totals] = field(default_factory=dict)
    retired: tuple[str, ...] = ()
    archived: int = 0
    leaderless: tuple[str, ...] = ()
    adminless: tuple[str, ...] = ()
    first_run: bool = False


def holds_for(
    actions: Iterable[Action], desired: Desired, facts: Facts, settings: SafetySettings
) -> tuple[Hold, ...]:
    """Why a plan of these actions has to wait; empty: it may be applied."""
    work = tuple(actions)
    return (
        *_removals(work, facts, settings),
        *_updates(work, facts, settings),
        *_creations(work, facts, settings),
        *_people_in_charge(work, desired, facts, settings),
    )


def _over(part: int, whole: int, percent: float) -> bool:
    return part > 0 and part * 100 > whole * percent


def _share(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f}".removesuffix(".0") if whole else "100"


def _removals(actions: Sequence[Action], facts: Facts, settings: SafetySettings) -> Iterator[Hold]:
    members = [action.room for action in actions if isinstance(action, RemoveMember | BanMember)]
    unlinked = sum(isinstance(action, Unlink) for action in actions)
    deleted = sum(isinstance(action, DeleteRoom) for action in actions)
    closed = sum(isinstance(action, SuspendAccount | DeactivateAccount) for action in actions)
    counted = (
        ("accounts", _("accounts"), closed, facts.totals.accounts),
        ("memberships", _("memberships"), len(members), facts.totals.memberships),
        ("rooms", _("rooms"), len(facts.retired), facts.totals.rooms),
        ("links", _("places in a space"), unlinked, facts.totals.links),
        ("archived_rooms", _("archived rooms"), deleted, facts.archived),
    )
    for code, things, part, whole in counted:
        if part >= settings.removals_at_least and _over(part, whole, settings.removals_percent):
            yield Hold(
                f"removals.{code}",
                _("{part} of {whole} {things} would go: {share} %, more than {limit:g} %.").format(
                    part=part,
                    whole=whole,
                    things=things,
                    share=_share(part, whole),
                    limit=settings.removals_percent,
                ),
            )
    if len(facts.schools) > 1:
        yield from _removals_of_schools(members, facts, settings)


def _removals_of_schools(
    members: Iterable[str], facts: Facts, settings: SafetySettings
) -> Iterator[Hold]:
    """One school emptied by mistake hardly shows among a hundred."""
    removed = Counter(key_parts(room).school_id for room in members)
    retired = Counter(key_parts(room).school_id for room in facts.retired)
    for school, totals in facts.schools.items():
        counted = (
            ("memberships", _("memberships"), removed[school], totals.memberships),
            ("rooms", _("rooms"), retired[school], totals.rooms),
        )
        for code, things, part, whole in counted:
            if part >= settings.removals_at_least and _over(part, whole, settings.removals_percent):
                yield Hold(
                    f"removals.{code}",
                    _(
                        "School {school}: {part} of {whole} {things} would go: {share} %, more than"
                        " {limit:g} %."
                    ).format(
                        school=school,
                        part=part,
                        whole=whole,
                        things=things,
                        share=_share(part, whole),
                        limit=settings.removals_percent,
                    ),
                )


def _updates(actions: Sequence[Action], facts: Facts, settings: SafetySettings) -> Iterator[Hold]:
    retired = set(facts.retired)
    rooms = {
        action.room
        for action in actions
        if isinstance(action, SetState | RevokePower | GrantPower) and action.room not in retired
    }
    accounts = sum(isinstance(action, UpdateAccount | RestoreAccount) for action in actions)
    counted = (
        ("accounts", _("accounts"), accounts, facts.totals.accounts),
        ("rooms", _("rooms"), len(rooms), facts.totals.rooms),
    )
    for code, things, part, whole in counted:
        if _over(part, whole, settings.updates_percent):
            yield Hold(
                f"updates.{code}",
                _(
                    "{part} of {whole} {things} would change: {share} %, more than {limit:g} %."
                ).format(
                    part=part,
                    whole=whole,
                    things=things,
                    share=_share(part, whole),
                    limit=settings.updates_percent,
                ),
            )


def _creations(actions: Sequence[Action], facts: Facts, settings: SafetySettings) -> Iterator[Hold]:
    if facts.first_run:
        return
    made = Counter(map(type, actions))
    totals = facts.totals
    counted = (
        ("accounts", _("accounts"), made[CreateAccount], totals.accounts),
        ("rooms", _("rooms"), made[CreateRoom], totals.rooms),
        ("links", _("places in a space"), made[Link], totals.links),
        ("memberships", _("memberships"), made[AddMember], totals.memberships),
    )
    for code, things, part, whole in counted:
        if _over(part, whole, settings.creations_percent):
            yield Hold(
                f"creations.{code}",
                _(
                    "{part} {things} would come to the {whole} there are: {share} %, more than"
                    " {limit:g} %."
                ).format(
                    part=part,
                    whole=whole,
                    things=things,
                    share=_share(part, whole),
                    limit=settings.creations_percent,
                ),
            )


def _people_in_charge(
    actions: Sequence[Action], desired: Desired, facts: Facts, settings: SafetySettings
) -> Iterator[Hold]:
    if settings.teacher_needed and facts.leaderless:
        yield Hold(
            "room_without_teacher",
            _("Rooms would be left without their teacher: {rooms}.").format(
                rooms=listed(facts.leaderless)
            ),
        )
    if settings.administrator_needed and facts.adminless:
        yield Hold(
            "school_without_administrator",
            _("Schools would be left without an administrator: {schools}.").format(
                schools=listed(facts.adminless)
            ),
        )
    if settings.promotions and (promoted := _promoted(actions, desired)):
        yield Hold(
            "new_administrator",
            _("These people would become school administrators: {users}.").format(
                users=listed(promoted)
            ),
        )


def _promoted(actions: Sequence[Action], desired: Desired) -> tuple[str, ...]:
    """Whoever a plan raises to an administrator's level in a room that shows it."""
    promoted: set[str] = set()
    for action in actions:
        if isinstance(action, GrantPower):
            room = desired.rooms[action.room]
            admins = desired.admins.get(room.school_id, frozenset())
            for user, before, after in action.raised:
                if user in admins and before < room.admin_level <= after:
                    promoted.add(user)
    return tuple(sorted(promoted))
