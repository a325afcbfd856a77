"""Try it: the lab's network, or one from a bundle, asked by hand, by a file of rows, or taken home."""

from __future__ import annotations

from ui import predict, session
from ui.live_panel import live_strip, save_buttons
from ui.sidebar import experiment_in_address

experiment_in_address()
if job := session.job():
    live_strip(job, job.status, job.experiment.training.epochs)
predict.show()
save_buttons()
