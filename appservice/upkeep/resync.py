"""Brings a few rooms in line, for a decision that must take effect now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from appservice.rooms.actions import Action
from appservice.rooms.desired import Desired
from appservice.rooms.planning.accounts import diff_accounts
from appservice.rooms.planning.diff import diff_room
from appservice.rooms.planning.plan import Plan, sorted_actions
from appservice.rooms.planning.scene import Scene
from appservice.upkeep.apply import LOCK, Workplace, carry_out
from appservice.upkeep.reconcile import Outlook
from appservice.upkeep.report import Report


async def resync(
    desired: Desired, workplace: Workplace, *, rooms: Collection[str], user: str = ""
) -> Report:
    """The rooms of these keys, and where `user` is named the account and all its rooms.

    `desired` holds the measures in force. Raises Refused while an apply or audit is under way.
    Rooms that do not exist yet are left to an apply.
    """
    async with workplace.database.exclusive(LOCK):
        keys = set(rooms)
        if user:
            keys |= await _rooms_of(desired, workplace, user)
        room_ids = await workplace.store.room_ids()
        accounts = await workplace.store.accounts()
        managed = {*accounts, *desired.accounts}
        for room in desired.rooms.values():
            managed.update(room.members)
        scene = Scene.of(desired, room_ids, managed)
        actions: list[Action] = []
        for room_key, found in (await workplace.store.rooms(sorted(keys))).items():
            if not desired.holds_room(room_key):
                actions += diff_room(scene, found).actions
        if user in desired.accounts and user in accounts:
            alone = replace(desired, accounts={user: desired.accounts[user]})
            actions += diff_accounts(alone, {user: accounts[user]})
        return await carry_out(Outlook(desired, Plan(sorted_actions(actions)), room_ids), workplace)


async def _rooms_of(desired: Desired, workplace: Workplace, user: str) -> set[str]:
    keys = {key for key, room in desired.rooms.items() if user in room.members}
    async for outline in workplace.store.outlines():
        if user in outline.joined or user in outline.invited:
            keys.add(outline.key)
    return keys
