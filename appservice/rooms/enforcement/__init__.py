"""HOLDING A ROOM TO THE ROSTER: what of that which happened in a kept room must not stay, and what
undoes it. Pure.
"""
