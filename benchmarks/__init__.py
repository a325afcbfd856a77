"""What is timed: the training engine against `model.fit`, and the live panel in a real browser.

`python -m benchmarks` runs both, `python -m benchmarks.engine` and `python -m benchmarks.live` one. No test asserts
a time; figures are compared only within one run, since the machine may be shared.
"""
