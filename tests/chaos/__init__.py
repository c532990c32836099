"""Faults injected into the whole system under load, and a ledger that finds what they cost.

`python -m tests.chaos` runs it by hand (`make chaos`); a two-minute form belongs to the test suite.
"""
