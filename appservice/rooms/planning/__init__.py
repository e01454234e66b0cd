"""WHAT IS TO BE DONE: the difference between desired and observed rooms as a plan, and why a plan
has to wait for a person. Pure.
"""
