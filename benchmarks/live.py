"""The live panel in a real browser: `python -m benchmarks.live [--json]`.

Starts the app as people do, opens it in Chromium at 1440 x 900 and trains the sine recipe's network with 10,000
points for 2,000 epochs: long enough to measure, with an epoch that keeps a core busy. Another query can be given.
The network is trained once before, so that the panel is measured and not the compiler. With `--own-core` the browser
has the last core for itself, and the web process and the workers share the others: as on a student's own computer.

    fps                   frames painted a second: the increase of `data-frames`, counted in the animation frame that
                          draws the boundary, over WATCH_SECONDS
    pictures_per_s        different pictures of the boundary in the document, seen once an animation frame
    screen_fps            different pictures of the boundary from Chromium's compositor, which also has to encode each
    bytes_per_frame       of the frames as the page reads them (`data-bytes`)
    server_ms_per_frame   processor time of the whole web process over the same seconds, divided by the frames it sent:
                          Dask's events, the WebSockets and idle housekeeping included
    code_ms_per_frame     of this, our own code: `Update.from_message` and `Job.apply` for every update of a recorded
                          run, `Job.frame` and `encode` for every second one, in a process of its own; median
    remounts              chart nodes that came into the document or left it while training ran, and charts that the
                          panel says it made
    blank_frames          animation frames in which a chart was empty or the boundary had no picture, and pictures of
                          the compositor in which its area was
    hover_survives        a label over a point stood in every animation frame of HOLD_SECONDS
    zoom_survives         after a drag the axes had the same ranges HOLD_SECONDS later
    matrix_ms             the longest that the confusion matrix was older than the boundary, over the same seconds
    stop_ms               from the press of Stop to the animation frame in which the panel says "stopped"; PRESSES times
    slider_ms             from letting go of the learning-rate slider, dragged while training runs, to the animation
                          frame with the trainer's answer that the rate is set
    restart_ms            from letting go of the noise slider to the first epoch of the run over the new points
    elsewhere_cores       cores that other programs kept busy; on two cores, times are valid only near 0

stop_ms, slider_ms and restart_ms are medians; `…_worst` is the worst.
"""

from __future__ import annotations

import base64
import io
import itertools
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from statistics import median
from typing import Any

import psutil
from PIL import Image
from playwright.sync_api import Page

from benchmarks.browser import VIEWPORT, browsing, drag, press, show, time_drag, time_press
from benchmarks.command_line import parser_of, print_measured
from benchmarks.machine import Elsewhere
from benchmarks.report import text_table
from benchmarks.server import serving
from core.analysis.axes import Axes
from core.experiment import read_query, to_query
from core.jobs.job import Job
from core.messages.commands import Command
from core.messages.frames import encode
from core.messages.updates import Update

ADDRESS = "recipe=sine&points=10000&epochs=2000"
WARM_EPOCHS = 20
SETTLE_SECONDS = 2  # between the start of a run and the first look
WATCH_SECONDS = 8
HOLD_SECONDS = 3
SCREEN_SECONDS = 4
PRESSES = 7
RECORDED = 120  # updates
TO_REACH = {
    "fps": "at least 24 where the browser has a core of its own",
    "bytes_per_frame": "at most 8,000",
    "server_ms_per_frame": "at most 1.5",
    "matrix_ms": "at most 500",
    "remounts": "0",
    "blank_frames": "0",
    "hover_survives": "yes",
    "zoom_survives": "yes",
    "stop_ms": "at most 300",
    "slider_ms": "at most 300",
}


@dataclass(frozen=True)
class Figures:
    """What was measured; see the module for what each figure is."""

    fps: float
    pictures_per_s: float
    screen_fps: float
    bytes_per_frame: float
    server_ms_per_frame: float
    code_ms_per_frame: float
    matrix_ms: float
    remounts: int
    blank_frames: int
    hover_survives: bool
    zoom_survives: bool
    stop_ms: float
    stop_ms_worst: float
    slider_ms: float
    slider_ms_worst: float
    restart_ms: float
    restart_ms_worst: float
    elsewhere_cores: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the panel and print the figures as a table or as JSON."""
    parser = parser_of("benchmarks.live", "The live panel in Chromium.")
    parser.add_argument("query", nargs="?", default=ADDRESS, help=f"what to train (default {ADDRESS})")
    parser.add_argument("--own-core", action="store_true", help="leave the last core to the browser")
    options = parser.parse_args(arguments)
    print_measured(measure(options.query, options.own_core), report, options.json)


def measure(query: str = ADDRESS, own_core: bool = False) -> Figures:
    """Return the figures of the panel while what `query` says is trained."""
    code_ms = time_code(query)
    with ExitStack() as stack:
        cores = sorted(os.sched_getaffinity(0)) if own_core else []
        if own_core:  # what is started from here on keeps to these
            os.sched_setaffinity(0, cores[:-1])
        url, server = stack.enter_context(serving())
        if own_core:
            os.sched_setaffinity(0, cores[-1:])
        page = stack.enter_context(browsing())
        open_warm(page, url, query)
        elsewhere = Elsewhere()
        start(page)
        watched = watch(page, server)
        hover_survives, zoom_survives = hold(page)
        counted = page.evaluate("bench.counts()")
        screen_fps, blank_screens = watch_screen(page)
        stop = [time_stop(page) for _ in range(PRESSES)]
        slider = [time_slider(page, "Learning rate", pixels, "rate") for pixels in to_and_fro(8)]
        restart = [time_slider(page, "Noise", pixels, "restarted") for pixels in to_and_fro(12)]
        elsewhere_cores = elsewhere.cores()
    return Figures(
        **watched,
        screen_fps=screen_fps,
        code_ms_per_frame=code_ms,
        matrix_ms=counted["oldest"],
        remounts=counted["remounts"],
        blank_frames=counted["blank"] + blank_screens,
        hover_survives=hover_survives,
        zoom_survives=zoom_survives,
        stop_ms=median(stop),
        stop_ms_worst=max(stop),
        slider_ms=median(slider),
        slider_ms_worst=max(slider),
        restart_ms=median(restart),
        restart_ms_worst=max(restart),
        elsewhere_cores=elsewhere_cores,
    )


def report(figures: Figures) -> str:
    """Return the figures as a table."""
    rows = [
        {"name": name, "measured": value, "to_reach": TO_REACH.get(name, "")} for name, value in asdict(figures).items()
    ]
    return text_table(rows, {"name": "live panel", "measured": "measured", "to_reach": "to reach"})


# What is measured of the server


def time_code(query: str) -> float:
    """Return the milliseconds that our own code takes for a frame of a run, in the median."""
    experiment = read_query(query)
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        messages = process.submit(record, query, RECORDED).result()
    job = Job("benchmark", experiment, Axes(), "")
    seconds = []
    seq = generation = rows = 0
    for first, second in zip(messages[::2], messages[1::2], strict=False):
        started = time.perf_counter()
        for message in (first, second):
            job.apply(Update.from_message(message))
        frame = job.frame(seq, generation, rows)
        assert frame is not None
        encode(frame)
        seconds.append(time.perf_counter() - started)
        seq, generation = frame.seq, frame.generation
        rows = frame.first_row + len(frame.arrays["loss"])
    return 1000 * median(seconds)


def record(query: str, count: int) -> list[dict[str, Any]]:
    """Train in this process and return the first `count` updates as they leave a worker."""
    from core.workers.worker import programs

    shared = programs()
    from core.training.trainer import Trainer

    messages: list[dict[str, Any]] = []

    def take(update: Update) -> None:
        messages.append(update.to_message())
        if len(messages) == count:
            trainer.send(Command("stop"))

    trainer = Trainer(read_query(query), take, shared)
    trainer.send(Command("train"))
    trainer.attend()
    return messages


# What is measured in the browser


def open_warm(page: Page, url: str, query: str) -> None:
    """Train a few epochs to their end, which waits for the compiler, then open the page of the long run."""
    experiment = read_query(query)
    short = replace(experiment, training=replace(experiment.training, epochs=WARM_EPOCHS))
    show(page, f"{url}/?{to_query(short)}")
    press(page, "Train")
    page.wait_for_function("() => bench.strip.dataset.status === 'finished'")
    show(page, f"{url}/?{query}")


def start(page: Page) -> None:
    """Train from the start, and let the run settle."""
    if page.evaluate("bench.strip.dataset.status") == "running":
        press(page, "Stop")
        page.wait_for_function("() => bench.strip.dataset.status === 'stopped'")
    press(page, "Train")
    page.wait_for_function("() => bench.strip.dataset.status === 'running' && bench.figures.dataset.epoch > 0")
    page.wait_for_timeout(1000 * SETTLE_SECONDS)


def watch(page: Page, server: psutil.Process) -> dict[str, float]:
    """Look on for WATCH_SECONDS and return what was painted, sent and computed a frame."""
    page.evaluate("bench.watch()")
    first, busy_before = page.evaluate("bench.counts()"), processor_seconds(server)
    page.wait_for_timeout(1000 * WATCH_SECONDS)
    last, busy = page.evaluate("bench.counts()"), processor_seconds(server) - busy_before
    insist_on_running(page)
    risen = {name: last[name] - first[name] for name in last}
    seconds = risen["at"] / 1000
    return {
        "fps": risen["frames"] / seconds,
        "pictures_per_s": risen["pictures"] / seconds,
        "bytes_per_frame": risen["bytes"] / risen["received"],
        "server_ms_per_frame": 1000 * busy / risen["received"],
    }


def processor_seconds(process: psutil.Process) -> float:
    """Return the processor time a process has taken so far."""
    times = process.cpu_times()
    return times.user + times.system


def hold(page: Page) -> tuple[bool, bool]:
    """Hover over a point, then zoom, each for HOLD_SECONDS; return whether label and zoom survived."""
    place = page.evaluate("bench.point()")
    page.mouse.move(place["x"], place["y"])
    page.wait_for_selector(".hl-large .hoverlayer .hovertext", state="attached")
    unhovered = page.evaluate("bench.seen.unhovered")
    page.wait_for_timeout(1000 * HOLD_SECONDS)
    hover_survives = page.evaluate("bench.seen.unhovered") == unhovered
    before = page.evaluate("bench.ranges()")
    area = page.evaluate("bench.area()")
    drag(page, [(area["x"] + share * area["width"], area["y"] + share * area["height"]) for share in (0.3, 0.5, 0.7)])
    page.wait_for_function("before => String(bench.ranges()) !== String(before)", arg=before)
    zoomed = page.evaluate("bench.ranges()")
    page.wait_for_timeout(1000 * HOLD_SECONDS)
    insist_on_running(page)
    return hover_survives, page.evaluate("bench.ranges()") == zoomed


def watch_screen(page: Page) -> tuple[float, int]:
    """Have the compositor's pictures for SCREEN_SECONDS; return different ones of the boundary a second, and blanks."""
    start(page)
    area = page.evaluate("bench.area()")
    pictures: list[bytes] = []
    session = page.context.new_cdp_session(page)

    def take(event: dict[str, Any]) -> None:
        session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})
        pictures.append(base64.b64decode(event["data"]))

    session.on("Page.screencastFrame", take)
    session.send("Page.startScreencast", {"format": "jpeg", "quality": 60, "maxWidth": 720, "maxHeight": 450})
    page.wait_for_timeout(1000 * SCREEN_SECONDS)
    session.send("Page.stopScreencast")
    insist_on_running(page)
    boundaries = [boundary_of(picture, area) for picture in pictures]
    different = sum(one.tobytes() != other.tobytes() for one, other in itertools.pairwise(boundaries))
    return different / SCREEN_SECONDS, sum(map(is_blank, boundaries))


def boundary_of(picture: bytes, area: dict[str, float]) -> Image.Image:
    """Return the part of a picture of the page that the boundary fills."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    scale = image.width / VIEWPORT["width"]
    left, top = area["x"] * scale, area["y"] * scale
    return image.crop((left, top, left + area["width"] * scale, top + area["height"] * scale))


def is_blank(boundary: Image.Image) -> bool:
    """Return whether more than half of the area is as white as paper: the boundary tints all of it."""
    whitish = sum(boundary.convert("L").histogram()[250:])
    return whitish > boundary.width * boundary.height / 2


def time_stop(page: Page) -> float:
    """Press Stop in the middle of a run and return the milliseconds until the panel says so."""
    start(page)
    return time_press(page, "Stop", "stopped")


def time_slider(page: Page, label: str, pixels: float, answer: str) -> float:
    """Drag a slider in the middle of a run and return the milliseconds from letting go to the answer."""
    start(page)
    return time_drag(page, label, pixels, answer)


def to_and_fro(pixels: float) -> Iterator[float]:
    """Yield PRESSES distances that take a slider from its place and back again."""
    return (pixels * (-1) ** press for press in range(PRESSES))


def insist_on_running(page: Page) -> None:
    """Raise RuntimeError where the run has ended: a figure that is still paints nothing."""
    status = page.evaluate("bench.strip.dataset.status")
    if status != "running":
        raise RuntimeError(f"The run was {status} before it had been looked at long enough; give it more epochs.")


if __name__ == "__main__":
    main()
