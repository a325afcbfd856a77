"""The coach's advice, held against what it leads to: `python -m benchmarks.coach [--json] [--seeds N] [NAME …]`.

Every case is trained as it is with SEEDS seeds. The coach looks at each run after every epoch, as if it still trained,
and at its end. Each piece of advice is then taken: the changed experiment is trained too, a rate is looked for with the
learning-rate finder. Advice is confirmed if the run ends better with it: the held-out loss is at least 2 % lower or the
held-out score 0.01 higher, and the score not lower by more than 0.01 or one standard error (for a smaller network, only
the latter; for a class that was ignored, the mean recall of all classes is 0.01 higher). Other advice is a false alarm.

The cases are all recipes, which the coach should leave in peace unless they are made to fail, and FAULTS, each with the
rule that it was made for. Recipes whose pictures are not on this machine are left out, and named.

    advised     runs with advice at any time
    rules       what was advised, by rule: runs
    confirmed   pieces of advice that make the run better
    false       false alarms; must be 0 for every recipe
    expected    runs of a fault whose own rule spoke
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from benchmarks.command_line import add_count, parser_of, print_measured
from benchmarks.report import text_table
from core.analysis.evaluation import confusion_matrix, predicted_classes
from core.coach.advice import Advice, Change
from core.coach.evidence import Evidence, idle_shares
from core.coach.rows import RowFacts, row_facts
from core.coach.rules import advise
from core.datasets import Split, prepare
from core.datasets.downloads import NotDownloadedError
from core.experiment import RECIPES, Experiment, read_query, shape_of
from core.studies.rate_sweep import RateSweep
from core.trained.epoch import weights_epoch
from core.trained.network import TrainedNetwork, weight_shapes

SEEDS = 10
FAULTS = {
    "rate too high": ("data=moons&lr=10", "diverged"),
    "rate far too high": ("data=plane&layers=none&optimizer=sgd&lr=10", "diverged"),
    "not scaled": ("data=wine&scaling=none&layers=relu-16", "unscaled"),
    "zeros": ("data=moons&init=zeros", "identical"),
    "saturated": ("data=spiral&init=too_large&layers=tanh-16,tanh-16&epochs=30&lr=0.001", "idle"),
    "dead": ("data=digits&scaling=none&optimizer=sgd&lr=1&layers=relu-64", "idle"),
    "rare class": ("data=blobs&imbalance=0.05&noise=0.15&points=2000&epochs=20&lr=0.003", "ignored"),
    "overfits": ("data=moons&points=100&noise=0.4&data_seed=1&layers=tanh-64,tanh-64&epochs=300", "overfitting"),
    "rate far too low": ("data=moons&lr=0.00001", "slow"),
    "too few epochs": ("data=spiral&epochs=10&layers=tanh-32", "few_epochs"),
    "no hidden layer": ("data=xor&layers=none&lr=0.05", "plateau"),
    "linear layers": ("data=circles&layers=linear-8,linear-8", "plateau"),
    "too small": ("data=spiral&layers=tanh-2&epochs=200", "plateau"),
    "fading gradient": (
        "data=digits&layers=sigmoid-32,sigmoid-32,sigmoid-32,sigmoid-32&optimizer=sgd&lr=0.1&epochs=40",
        "plateau",
    ),
    "too large": ("data=moons&layers=relu-512,relu-512&epochs=40", "oversized"),
}
CASES = {**{name: (f"recipe={name}", "") for name in RECIPES}, **FAULTS}
HEADINGS = {
    "name": "case",
    "runs": "runs",
    "advised": "advised",
    "rules": "by rule",
    "confirmed": "confirmed",
    "false": "false alarms",
    "expected": "own rule",
}
_LOWER_LOSS, _SCORE = 0.98, 0.01


@dataclass(frozen=True)
class Row:
    """What came of a case; see the module for what each figure is."""

    name: str
    runs: int
    advised: int
    rules: str
    confirmed: int
    false: int
    expected: int | None


@dataclass(frozen=True, eq=False)
class Trained:
    """A run that was trained to its end: its history without what follows a loss that is no number, and its network."""

    experiment: Experiment
    history: dict[str, np.ndarray]
    has_failed: bool
    network: TrainedNetwork | None

    @property
    def end(self) -> int:
        """The epoch whose weights it keeps."""
        return weights_epoch(self.experiment, self.history)

    def figure(self, name: str) -> float:
        """Return a column of the history after the last epoch that it keeps."""
        return float(self.history[name][self.end - 1])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the cases and print them as a table or as JSON."""
    parser = parser_of("benchmarks.coach", "False alarms of the coach.", CASES)
    add_count(parser, "seeds", SEEDS, "seeds a case")
    options = parser.parse_args(arguments)
    print_measured(measure(options.names or tuple(CASES), options.seeds), report, options.json)


def measure(names: Sequence[str] = tuple(CASES), seeds: int = SEEDS) -> list[Row]:
    """Return a row for every case whose data are here."""
    from core.workers.worker import programs

    programs()  # sets Keras up
    rows = []
    for name in names:
        print(f"coach: {name}", file=sys.stderr, flush=True)
        try:
            rows.append(measure_case(name, seeds))
        except NotDownloadedError as error:
            print(f"coach: {name} is left out. {error}", file=sys.stderr, flush=True)
    return rows


def report(rows: Sequence[Row]) -> str:
    """Return the rows as a table."""
    return text_table([asdict(row) for row in rows], HEADINGS)


def measure_case(name: str, seeds: int = SEEDS) -> Row:
    """Train a case with so many seeds, and every piece of advice about it."""
    query, own = CASES[name]
    experiment = read_query(query)
    split = prepare(experiment.data)
    facts = row_facts(split)
    runs = train(replace(experiment, training=replace(experiment.training, seed=seed)) for seed in range(seeds))
    given = [(run, advice) for run in runs for advice in advice_about(run, split, facts)]
    results = train(taken(run, advice) for run, advice in given)
    good = [is_better(run, advice, result, split) for (run, advice), result in zip(given, results, strict=True)]
    counts = Counter(advice.rule for _, advice in given)
    for (run, advice), right in zip(given, good, strict=True):
        if not right:
            seed = run.experiment.training.seed
            print(f"coach: {name}, seed {seed}: {advice.rule}. {advice.sentence}", file=sys.stderr, flush=True)
    return Row(
        name=name,
        runs=len(runs),
        advised=len({id(run) for run, _ in given}),
        rules=", ".join(f"{rule} {count}" for rule, count in counts.most_common()) or "none",
        confirmed=sum(good),
        false=len(good) - sum(good),
        expected=counts[own] if own else None,
    )


def advice_about(run: Trained, split: Split, facts: RowFacts) -> Iterator[Advice]:
    """Yield what the coach advises about a run, each rule once: as it trains, and at its end."""
    said = set()
    for epochs in range(1, len(run.history["loss"])):
        so_far = {name: column[:epochs] for name, column in run.history.items()}
        advice = advise(Evidence(run.experiment, so_far, facts, is_over=False))
        if advice is not None and advice.rule not in said:
            said.add(advice.rule)
            yield advice
    advice = advise(evidence_at_end(run, split, facts))
    if advice is not None and advice.rule not in said:
        yield advice


def evidence_at_end(run: Trained, split: Split, facts: RowFacts) -> Evidence:
    """Return all that the coach knows of a run that is over."""
    evidence = Evidence(run.experiment, run.history, facts, is_over=True, has_failed=run.has_failed)
    if run.network is None:
        return evidence
    confusion = None
    if split.classes:
        confusion = confusion_matrix(split.y_val, predicted_classes(run.network.predict(split.x_val)), split.classes)
    idle = idle_shares(run.network, split) if evidence.could_be_idle else None
    return replace(evidence, confusion=confusion, idle=idle)


def taken(run: Trained, advice: Advice) -> Experiment:
    """Return the experiment that advice leads to."""
    if isinstance(advice.action, Change):
        return advice.action.experiment
    from core.training.rate_sweep import sweep_rates
    from core.workers.worker import programs

    sweep = RateSweep(run.experiment)
    curve = sweep.curve(sweep_rates(run.experiment, sweep.rates, programs()))
    rate = advice.action.rate(curve.suggestion)
    return replace(run.experiment, training=replace(run.experiment.training, learning_rate=rate))


def is_better(run: Trained, advice: Advice, result: Trained, split: Split) -> bool:
    """Return whether advice has made a run better."""
    if run.has_failed or result.has_failed:
        return not result.has_failed
    if advice.rule == "ignored":
        return _mean_recall(result, split) > _mean_recall(run, split) + _SCORE
    name = "val_accuracy" if split.classes else "val_r2"
    before, after = run.figure(name), result.figure(name)
    chance = math.sqrt(max(before * (1 - before), 0) / len(split.y_val))
    is_as_good = after > before - max(_SCORE, chance)
    is_lower = result.figure("val_loss") < _LOWER_LOSS * run.figure("val_loss")
    return is_as_good and (advice.rule == "oversized" or is_lower or after >= before + _SCORE)


def _mean_recall(run: Trained, split: Split) -> float:
    """Return the mean over the classes of the share of their held-out rows that are right."""
    assert run.network is not None
    predicted = predicted_classes(run.network.predict(split.x_val))
    counts = confusion_matrix(split.y_val, predicted, split.classes)
    return float(np.mean(np.diag(counts) / counts.sum(axis=1)))


def train(experiments: Iterator[Experiment]) -> list[Trained]:
    """Train experiments, those of one structure together; return them in the same order."""
    from core.engine.many import train_many

    asked = list(experiments)
    groups: dict[tuple[Experiment, int], list[int]] = {}
    for place, one in enumerate(asked):
        shape = shape_of(replace(one, data=replace(one.data, seed=None)))
        groups.setdefault((replace(shape, data=one.data), one.training.epochs), []).append(place)
    trained: dict[int, Trained] = {}
    for places in groups.values():
        for place, member in zip(places, train_many([asked[place] for place in places]), strict=True):
            trained[place] = _trained(asked[place], member.history, member.weights)
    return [trained[place] for place in range(len(asked))]


def _trained(experiment: Experiment, history: dict[str, np.ndarray], weights: Sequence[np.ndarray]) -> Trained:
    is_number = np.isfinite(history["loss"])
    has_failed = not is_number.all()
    epochs = int(np.argmin(is_number)) + 1 if has_failed else _epochs_done(experiment, history["val_loss"])
    history = {name: column[:epochs] for name, column in history.items()}
    network = None
    if not has_failed and all(layer.normalization == "none" for layer in experiment.network.layers):
        split = prepare(experiment.data)
        shapes = weight_shapes(experiment.network, split.inputs, split.classes)
        network = TrainedNetwork(experiment, dict(zip(shapes, weights, strict=True)))
    return Trained(experiment, history, has_failed, network)


def _epochs_done(experiment: Experiment, losses: np.ndarray) -> int:
    """Return after how many epochs early stopping ends a run, which `train_many` does not do."""
    patience = experiment.training.patience
    best = 0  # from 1
    for epoch, loss in enumerate(losses, start=1):
        best = epoch if not best or loss < losses[best - 1] else best
        if patience and epoch - best >= patience:
            return epoch
    return len(losses)


if __name__ == "__main__":
    main()
