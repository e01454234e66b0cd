"""Real parts started on this machine: a PostgreSQL and a Synapse.

They serve the demo, the tests, the benchmarks and a service that was given no database. This
folder may start, stop and configure processes of this machine and use the homeserver's
administrative doors that only its owner has (the shared registration secret). It may not know
what a school is. (`registration.py`, the file that a homeserver reads about an application
service, is the same for a school's own homeserver, and is used for both.)
"""
