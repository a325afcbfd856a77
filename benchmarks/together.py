"""People at once, and what stalls their pages: `python -m benchmarks.together [--json]`.

The app runs as people run it, on two workers; PEOPLE persons without a browser (`benchmarks.person`) speak to it in
Streamlit's own messages and follow their runs as a browser does, up to 30 frames a second. A thread of the web process
wakes up every 5 ms and writes how late it was (`benchmarks.ticking`).

First one person looks on, whose page runs again every LOOK_SECONDS, while somebody else does what could stall it:

    warm-up         from the server's first answer until the workers have loaded Keras and a first run has ended
    at rest         nothing, to compare with
    new structures  STRUCTURES runs one after the other, each of a network that is traced and compiled for it
    rerun_ms, rerun_ms_worst   of the looker-on, from asking for a run of the page to its end
    stall_ms        rerun_ms_worst less rerun_ms at rest; to be at most STALL_MOST_MS
    tick_ms_worst   the most that the thread was late; to be at most STALL_MOST_MS

Then the sine recipe of EPOCHS epochs: one person alone, then all at once with other seeds, ROUNDS times by turns; the
same with networks of other structures. Everybody's network is compiled before. A window in which a run turns out to
have begun on the plain graph, since its worker was replaced or another took it, is measured again, ATTEMPTS times at
most. Every page runs again every RERUN_SECONDS.

    alone, together   epochs a second of one person, and of all in sum, in the median over the rounds
    share             together / alone; to be at least SHARE_LEAST
    even              the slowest person's epochs a second / the fastest's, at worst; to be at least EVEN_LEAST
    frames            a second, of the person who got fewest while all trained
    rerun_ms_p95      of all pages' runs while all trained; to be at most RERUN_MOST_MS
    compiled          whether all that counts was trained by compiled programs in the end
    people_cores      cores that the persons took, who would have machines of their own

elsewhere_cores are those that other programs kept busy meanwhile.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.command_line import add_count, parser_of, print_measured
from benchmarks.machine import Elsewhere
from benchmarks.person import Person
from benchmarks.report import quantile, text_table
from benchmarks.server import serving
from benchmarks.ticking import latest_ms

PEOPLE = 8
EPOCHS = 2000
ROUNDS = 2
STRUCTURES = 6
LOOK_SECONDS = 0.25
REST_SECONDS = 5.0
RERUN_SECONDS = 2.0
SETTLE_SECONDS = 1.0
ALONE_SECONDS = 4.0
TOGETHER_SECONDS = 8.0
COMPILER_SECONDS = 4.0  # after which a run that waits for the compiler has its program
ATTEMPTS = 6
STALL_MOST_MS = 100
SHARE_LEAST = 0.8
EVEN_LEAST = 0.5
RERUN_MOST_MS = 300
SAME, OTHER = "the same structure", "other structures"
PHASE_HEADINGS = {
    "name": "while there is",
    "seconds": "s",
    "rerun_ms": "page run ms",
    "rerun_ms_worst": "worst",
    "stall_ms": "stall ms",
    "tick_ms_worst": "thread late ms",
    "no_stall": f"at most {STALL_MOST_MS}",
}
CROWD_HEADINGS = {
    "name": "people train",
    "alone": "one alone, epochs/s",
    "together": "all together",
    "share": "share",
    "share_reached": f"at least {SHARE_LEAST}",
    "even": "slowest / fastest",
    "even_reached": f"at least {EVEN_LEAST}",
    "frames": "fewest frames/s",
    "rerun_ms": "page run ms",
    "rerun_ms_p95": "p95",
    "reruns_reached": f"at most {RERUN_MOST_MS}",
    "tick_ms_worst": "thread late ms",
    "compiled": "all compiled",
    "people_cores": "people's cores",
    "elsewhere_cores": "cores busy elsewhere",
}


@dataclass(frozen=True)
class Phase:
    """What one person's page did while something went on."""

    name: str
    seconds: float
    rerun_ms: float
    rerun_ms_worst: float
    stall_ms: float
    tick_ms_worst: float
    no_stall: bool


@dataclass(frozen=True)
class Crowd:
    """What came of many training at once."""

    name: str
    alone: float
    together: float
    share: float
    share_reached: bool
    even: float
    even_reached: bool
    frames: float
    rerun_ms: float
    rerun_ms_p95: float
    reruns_reached: bool
    tick_ms_worst: float
    compiled: bool
    people_cores: float
    elsewhere_cores: float


@dataclass(frozen=True)
class Figures:
    """What was measured; see the module for what each figure is."""

    phases: tuple[Phase, ...]
    crowds: tuple[Crowd, ...]


@dataclass(frozen=True)
class Watch:
    """When something went on, and the seconds of the looker-on's page runs meanwhile."""

    name: str
    since: float
    until: float
    reruns: tuple[float, ...]


@dataclass(frozen=True)
class Window:
    """Epochs and frames a second of each person, the seconds of their page runs, and when that was.

    `compiled` tells whether none of the runs had begun on the plain graph.
    """

    rates: tuple[float, ...]
    frames: tuple[float, ...]
    compiled: bool
    reruns: tuple[float, ...]
    since: float
    until: float
    people_cores: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print tables or JSON."""
    parser = parser_of("benchmarks.together", "People at once.")
    add_count(parser, "rounds", ROUNDS, "of one alone and all at once")
    add_count(parser, "people", PEOPLE, "who train at once")
    options = parser.parse_args(arguments)
    print_measured(measure(options.rounds, options.people), report, options.json)


def measure(rounds: int = ROUNDS, count: int = PEOPLE) -> Figures:
    """Return the figures of one server."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "ticks"
        with serving(("benchmarks.ticking", str(log))) as (url, _):
            phases = measure_phases(url, log)
            with ExitStack() as stack:
                people = [stack.enter_context(Person(url)) for _ in range(count)]
                crowds = [measure_crowd(name, people, log, rounds) for name in (SAME, OTHER)]
    return Figures(tuple(phases), tuple(crowds))


def report(figures: Figures) -> str:
    """Return the figures as tables."""
    phases = text_table([asdict(phase) for phase in figures.phases], PHASE_HEADINGS)
    return f"{phases}\n\n{text_table([asdict(crowd) for crowd in figures.crowds], CROWD_HEADINGS)}"


# Stalls


def measure_phases(url: str, log: Path) -> list[Phase]:
    """Return how the page of one person fared while another's first run, nothing, and new structures went on."""
    since = time.monotonic()
    with Person(url) as looker_on, Person(url) as other:
        watches = [
            _watched("warm-up", looker_on, lambda: _train_to_end(other, "epochs=5"), since),
            _watched("at rest", looker_on, lambda: time.sleep(REST_SECONDS)),
            _watched("new structures", looker_on, lambda: _train_structures(other)),
        ]
    rest_ms = next(1000 * median(watch.reruns) for watch in watches if watch.name == "at rest")
    return [_phase_of(watch, rest_ms, log) for watch in watches]


def _phase_of(watch: Watch, rest_ms: float, log: Path) -> Phase:
    worst_ms = 1000 * max(watch.reruns)
    tick_ms = latest_ms(log, watch.since, watch.until)
    return Phase(
        name=watch.name,
        seconds=watch.until - watch.since,
        rerun_ms=1000 * median(watch.reruns),
        rerun_ms_worst=worst_ms,
        stall_ms=worst_ms - rest_ms,
        tick_ms_worst=tick_ms,
        no_stall=max(worst_ms - rest_ms, tick_ms) <= STALL_MOST_MS,
    )


def _watched(name: str, looker_on: Person, do: Callable[[], None], since: float | None = None) -> Watch:
    """Do something while a page runs again and again."""
    print(f"people together: {name}", file=sys.stderr, flush=True)
    since = since or time.monotonic()
    with _rerunning([looker_on], LOOK_SECONDS) as reruns:
        do()
    return Watch(name, since, time.monotonic(), tuple(reruns))


def _train_to_end(person: Person, query: str) -> None:
    person.open(query)
    person.train()
    person.wait_for(status="finished")


def _train_structures(person: Person) -> None:
    for number in range(STRUCTURES):
        _train_to_end(person, f"layers=tanh-{20 + number},relu-{40 + number}&epochs=20")


# The crowd


def measure_crowd(name: str, people: Sequence[Person], log: Path, rounds: int) -> Crowd:
    """Return what comes of all training at once, beside what one does alone."""
    elsewhere = Elsewhere()
    print(f"people together: {name}", file=sys.stderr, flush=True)
    _at_once(people, lambda place: _train_to_end(people[place], f"{_query(name, place)}&epochs=5&seed=99"))
    alone, together = [], []
    for number in range(rounds):
        alone.append(_measure_compiled(name, people[:1], number, ALONE_SECONDS))
        together.append(_measure_compiled(name, people, number, TOGETHER_SECONDS))
    alone_rate = median(window.rates[0] for window in alone)
    together_rate = median(sum(window.rates) for window in together)
    even = min(min(window.rates) / max(window.rates) for window in together)
    reruns = [seconds for window in together for seconds in window.reruns]
    p95 = 1000 * quantile(reruns, 0.95)
    return Crowd(
        name=f"{len(people)}, {name}",
        alone=alone_rate,
        together=together_rate,
        share=together_rate / alone_rate,
        share_reached=together_rate / alone_rate >= SHARE_LEAST,
        even=even,
        even_reached=even >= EVEN_LEAST,
        frames=min(min(window.frames) for window in together),
        rerun_ms=1000 * median(reruns),
        rerun_ms_p95=p95,
        reruns_reached=p95 <= RERUN_MOST_MS,
        tick_ms_worst=max(latest_ms(log, window.since, window.until) for window in together),
        compiled=all(window.compiled for window in (*alone, *together)),
        people_cores=median(window.people_cores for window in together),
        elsewhere_cores=elsewhere.cores(),
    )


def _query(name: str, place: int) -> str:
    """Return what the person at a place trains."""
    return "recipe=sine" if name == SAME else f"recipe=sine&layers=tanh-64,tanh-64,tanh-{64 - place}"


def _measure_compiled(name: str, people: Sequence[Person], number: int, seconds: float) -> Window:
    for _ in range(ATTEMPTS):
        window = _measure_window(name, people, number, seconds)
        if window.compiled:
            break
    return window


def _measure_window(name: str, people: Sequence[Person], number: int, seconds: float) -> Window:
    """Have these people train at once, and look at their epochs for some seconds, or until the first has finished."""
    _at_once(
        people, lambda place: people[place].open(f"{_query(name, place)}&epochs={EPOCHS}&seed={10 * number + place}")
    )
    _at_once(people, lambda place: people[place].train())
    generations = [person.wait_for(epoch=1).generation for person in people]
    time.sleep(SETTLE_SECONDS)
    since, busy = time.monotonic(), time.process_time()
    with _rerunning(people, RERUN_SECONDS) as reruns:
        while time.monotonic() - since < seconds and not any(_has_ended(person) for person in people):
            time.sleep(0.02)
    until = min([time.monotonic(), *(person.latest.at for person in people if person.latest and _has_ended(person))])
    busy = time.process_time() - busy
    # Time for the frame behind the window, and for a plain graph to be overtaken by the compiler: the run stops, but
    # what was shown of it is trained again, compiled, as a new generation.
    _at_once(people, lambda place: people[place].rerun("stop"))
    time.sleep(COMPILER_SECONDS)
    compiled = generations == [person.latest.generation for person in people if person.latest]
    rates = tuple(person.epochs_between(since, until) / (until - since) for person in people)
    frames = tuple(sum(since < seen.at <= until for seen in person.frames) / (until - since) for person in people)
    _at_once(people, lambda place: people[place].reset())
    return Window(rates, frames, compiled, tuple(reruns), since, until, busy / (until - since))


def _has_ended(person: Person) -> bool:
    return person.latest is not None and person.latest.status != "running"


def _at_once(people: Sequence[Person], do: Callable[[int], object]) -> None:
    """Do something for the people at all places at once."""
    with ThreadPoolExecutor(len(people)) as threads:
        list(threads.map(do, range(len(people))))


@contextmanager
def _rerunning(people: Sequence[Person], pause: float) -> Iterator[list[float]]:
    """Have every person's page run again and again meanwhile; gives the seconds of every run."""
    reruns: list[float] = []
    over = threading.Event()

    def rerun(person: Person, delay: float) -> None:
        if over.wait(delay):
            return
        reruns.append(person.rerun())
        while not over.wait(pause):
            reruns.append(person.rerun())

    threads = [
        threading.Thread(target=rerun, args=(person, place * pause / len(people)))
        for place, person in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    try:
        yield reruns
    finally:
        over.set()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main()
