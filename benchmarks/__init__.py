"""What is timed: the engine, many runs at once, many people, memory, and the page in a real browser.

`python -m benchmarks` runs all of it, `python -m benchmarks.NAME` one of it; each module says what its figures are. No
test asserts a time; figures are compared only within one run, since the machine may be shared.
"""
