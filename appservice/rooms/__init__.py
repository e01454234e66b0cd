"""WHICH ROOMS EXIST, WHO IS IN THEM, WITH WHAT POWER.

Pure: functions over frozen values. May import no database, no HTTP and no clock. `kinds` makes the
desired rooms from the roster, `planning` the plan from desired and observed rooms. What a plan says
is carried out by `upkeep`.
"""
