"""A school built three ways, each on a fresh homeserver, each read back and compared.

    python -m benchmarks.provision --classes 4 [--json]

`floor_s`: a bare loop of the fewest client and admin API requests (benchmarks/floor.py). `api_s`:
ours without the module in Synapse; `module_s`: ours with it. All times in seconds, from the desired
state in memory to the last answer: the roster is read before, and the homeserver is up.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from appservice.embedded.postgres import EmbeddedPostgres
from appservice.rooms.desired import Desired
from appservice.school.sample import sample_school
from appservice.storage.database import Database
from appservice.upkeep.apply import apply
from appservice.upkeep.reconcile import Wish
from benchmarks.floor import Floor
from benchmarks.ground import (
    TODAY,
    Ground,
    connected,
    desired_of,
    fresh_homeserver,
    fresh_postgres,
    workplace,
)
from benchmarks.reading import differences

WAYS = ("floor", "api", "module")


async def by_floor(ground: Ground, desired: Desired, at_once: int) -> tuple[float, int]:
    """Seconds and requests of the bare loop."""
    floor = Floor(ground.url, ground.registration.as_token, desired, at_once=at_once)
    began = time.perf_counter()
    await floor.build()
    return time.perf_counter() - began, floor.requests


async def by_us(ground: Ground, desired: Desired, *, use_module: bool) -> tuple[float, int]:
    """Seconds and requests of our own apply, its plan and its database included."""
    async with (
        Database.connect(ground.dsn) as database,
        connected(ground.url, ground.registration.as_token) as homeserver,
    ):
        began = time.perf_counter()
        report = await apply(
            Wish(desired, TODAY), workplace(homeserver, database, use_module=use_module)
        )
        seconds = time.perf_counter() - began
        if report.exit_status != 0:
            raise RuntimeError(f"{len(report.failed)} actions failed: {report.failed[:3]}")
        return seconds, homeserver.requests


async def measure(
    postgres: EmbeddedPostgres, way: str, desired: Desired, at_once: int, *, user_directory: bool
) -> dict[str, object]:
    """One way on its own homeserver."""
    async with fresh_homeserver(
        postgres, way, module=way == "module", user_directory=user_directory
    ) as ground:
        if way == "floor":
            seconds, requests = await by_floor(ground, desired, at_once)
        else:
            seconds, requests = await by_us(ground, desired, use_module=way == "module")
        wrong = await differences(ground.url, ground.registration.as_token, desired)
        return {"seconds": round(seconds, 2), "requests": requests, "differences": wrong}


async def run(
    classes: int, at_once: int, ways: list[str], console: Console, *, user_directory: bool
) -> dict[str, object]:
    """Every way, one after another."""
    desired = desired_of(sample_school(classes=classes))
    found: dict[str, object] = {
        "classes": classes,
        "accounts": len(desired.accounts),
        "rooms": len(desired.rooms),
        "memberships": sum(len(room.members) for room in desired.rooms.values()),
    }
    with fresh_postgres() as postgres:
        for way in ways:
            with console.status(f"{way} …"):
                result = await measure(
                    postgres, way, desired, at_once, user_directory=user_directory
                )
            for line in list(result["differences"])[:10]:  # type: ignore[call-overload]
                console.print(line, style="red")
            found[f"{way}_s"] = result["seconds"]
            found[f"{way}_requests"] = result["requests"]
            found[f"{way}_as_desired"] = not result["differences"]
    for name, over, under in (
        ("api_over_floor", "api_s", "floor_s"),
        ("floor_over_module", "floor_s", "module_s"),
    ):
        if over in found and under in found:
            found[name] = round(float(str(found[over])) / float(str(found[under])), 2)
    return found


def main(
    classes: int = 4,
    at_once: Annotated[int, typer.Option(help="Requests at once in the bare loop.")] = 16,
    way: Annotated[list[str] | None, typer.Option(help="Only these ways.")] = None,
    user_directory: Annotated[
        bool, typer.Option(help="Whether Synapse keeps its user directory meanwhile.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Build a school three ways and compare."""
    console = Console(stderr=True)
    found = asyncio.run(
        run(classes, at_once, way or list(WAYS), console, user_directory=user_directory)
    )
    if as_json:
        print(json.dumps(found))
        return
    table = Table(
        title=f"{found['classes']} classes: {found['accounts']} accounts,"
        f" {found['rooms']} rooms, {found['memberships']} memberships"
    )
    for column in ("way", "seconds", "requests", "as desired"):
        table.add_column(column, justify="left" if column == "way" else "right")
    for name in way or WAYS:
        table.add_row(
            name,
            f"{found[f'{name}_s']}",
            f"{found[f'{name}_requests']}",
            "yes" if found[f"{name}_as_desired"] else "NO",
        )
    Console().print(table)
    for ratio in ("api_over_floor", "floor_over_module"):
        if ratio in found:
            Console().print(f"{ratio}: {found[ratio]}")


if __name__ == "__main__":
    typer.run(main)
