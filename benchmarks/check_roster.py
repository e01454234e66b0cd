"""How long and how much memory it takes to read and judge a region's roster (OneRoster 1.2).

The delivery is written and read in processes of their own, so that neither counts for the other.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from appservice.school.problem import Severity
from appservice.school.read import read_roster
from appservice.school.sample import sample_schools, write_oneroster
from appservice.school.settings import RosterSettings

PEOPLE_OF_A_SCHOOL = 2584  # 1,000 of them students
DAY = date(2026, 11, 2)


class Reading(NamedTuple):
    """`enrollments`: rows of enrollments.csv."""

    seconds: float
    peak_rss_mb: float
    people: int
    enrollments: int


def write_delivery(schools: int, directory: Path) -> None:
    write_oneroster(sample_schools(schools), directory, "1.2")


def read_delivery(directory: Path) -> Reading:
    """From files to a verdict, in this process."""
    began = time.perf_counter()
    delivery = read_roster(RosterSettings(path=directory), today=DAY)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wrong = [one for one in delivery.problems if one.severity is not Severity.WARNING]
    if delivery.roster is None or wrong:
        raise RuntimeError(f"the sample is not clean: {wrong[:3]}")
    roster = delivery.roster
    return Reading(round(seconds, 2), round(peak, 1), len(roster.people), len(roster.memberships))


def measure(people: int) -> Reading:
    """At least `people` people, in schools of the default shape."""
    schools = -(-people // PEOPLE_OF_A_SCHOOL)
    with tempfile.TemporaryDirectory(prefix="roster-") as folder:
        delivery = Path(folder) / "delivery"
        in_own_process = get_context("spawn")
        with ProcessPoolExecutor(1, in_own_process) as writer:
            writer.submit(write_delivery, schools, delivery).result()
        with ProcessPoolExecutor(1, in_own_process) as reader:
            return reader.submit(read_delivery, delivery).result()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check_roster", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000, help="at least so many (100000)")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    chosen = parser.parse_args()
    reading = measure(chosen.people)
    if chosen.json:
        sys.stdout.write(json.dumps(reading._asdict()) + "\n")
        return
    table = Table("people", "enrollments", "seconds", "peak RSS, MB", title="Reading a roster")
    table.add_row(
        f"{reading.people:,}",
        f"{reading.enrollments:,}",
        f"{reading.seconds:.2f}",
        f"{reading.peak_rss_mb:.0f}",
    )
    Console().print(table)


if __name__ == "__main__":
    main()
