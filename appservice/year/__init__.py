"""WHAT TIME DOES TO A SCHOOL: leavers, rooms that end, the turn of the year, days without syncs.

Pure: functions over rosters, dates and settings. May import no database, no HTTP and no clock. What
they decide enters the desired state in `rooms` and is carried out by `upkeep`.
"""
