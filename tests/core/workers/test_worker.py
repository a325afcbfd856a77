"""The functions that the server calls in a worker."""

import subprocess
import sys

QUESTIONS = """
import sys
from core.workers import worker

assert worker.weights_of("run") is None
assert worker.past_of("run", 1, True) is None
assert worker.kept_epochs_of("run") is None
assert worker.health_of("run") is None
assert worker.landscape_of("run") is None
assert worker.explain_step("run", None) is None
assert worker.loss_line("run", None) is None
assert worker.check_gradient("run", None, "output/kernel", (0, 0)) is None
assert worker.export_records() == {}
print([name for name in ("keras", "tensorflow") if name in sys.modules])
"""


def test_questions_about_a_run_that_is_not_open_load_no_keras():
    """A worker that has just started loads it on another thread, and TensorFlow fails when two threads import it."""
    asked = subprocess.run([sys.executable, "-c", QUESTIONS], capture_output=True, text=True, check=False)
    assert (asked.stdout, asked.stderr) == ("[]\n", "")
