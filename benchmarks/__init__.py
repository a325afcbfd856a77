"""Benchmarks of the engine, many runs at once, many people, memory, and the page in a real browser.

`python -m benchmarks` runs them all, `python -m benchmarks.NAME` one of them; each module explains its figures. No test
asserts a time. Figures are compared only within one run, because the machine may be shared.
"""
