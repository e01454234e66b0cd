"""A BELIEVABLE SCHOOL to try things on: invented people for the demo, the tests and the benchmarks.

May make up rosters and write them to files in every format the service reads. The same wishes and
the same seed give the same bytes, on every machine and in every year. May not read rosters, and
nothing outside of demos, tests and benchmarks may need it.
"""

from appservice.school.sample.native import write_native
from appservice.school.sample.oneroster import OneRosterVersion, write_oneroster
from appservice.school.sample.school import (
    YEAR,
    demo_school,
    sample_school,
    sample_schools,
    school_year_of,
)
from appservice.school.sample.subjects import MOST_SUBJECTS

__all__ = [
    "MOST_SUBJECTS",
    "YEAR",
    "OneRosterVersion",
    "demo_school",
    "sample_school",
    "sample_schools",
    "school_year_of",
    "write_native",
    "write_oneroster",
]
