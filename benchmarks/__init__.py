"""HOW FAST WE ARE: measured on real parts, side by side in one run; never asserted in a test.

Each module is a command (`python -m benchmarks.NAME --help`) that prints a table, or with `--json`
one object as its last line.
"""
