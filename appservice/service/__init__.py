"""WHAT RUNS ALL DAY: the parts of the house put to work together in one process, of which there may
be many. May compose, start and stop. Decides nothing about the school.
"""
