"""Changes by hand: which of them are in force, and which are refused."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ExperimentError
from core.experiment import Experiment, LayerSpec, NetworkSpec
from core.messages.edits import (
    Begin,
    Freeze,
    SetWeight,
    Silence,
    TakeStep,
    Undo,
    added,
    check_edit,
    frozen_units,
    in_force,
    silenced_units,
    without_begin,
)
from core.training.applied_edits import AppliedEdits
from tests.core.trained.networks import some_weights

NETWORK = NetworkSpec((LayerSpec(4, "tanh"), LayerSpec(2, "relu", normalization="batch")))
EXPERIMENT = replace(Experiment(), network=NETWORK)
STEP = TakeStep(EXPERIMENT, 3, (4, 1))


def timeline(*edits):
    return tuple(enumerate(edits))


def test_edits_are_in_force_until_they_are_undone():
    freeze, weight, silence = Freeze(0, 1, True), SetWeight("output/bias", (0,), 2.0), Silence(1, 0, True)
    given = timeline(freeze, weight, silence)
    assert in_force(given) == given
    assert in_force((*given, (5, Undo()))) == given[:2]
    assert in_force((*given, (5, Undo()), (5, Undo()), (6, Undo()), (6, Undo()))) == ()
    assert frozen_units(given) == {(0, 1)}
    assert silenced_units(given) == {(1, 0)}


def test_switching_to_the_present_state_is_not_an_edit():
    on, off = Silence(0, 1, True), Silence(0, 1, False)
    assert in_force(timeline(off)) == ()
    assert in_force(timeline(on, on)) == ((0, on),)
    assert in_force(timeline(on, on, Undo())) == ()
    both = timeline(on, off)
    assert in_force(both) == both
    assert silenced_units(both) == frozenset()
    assert silenced_units(in_force((*both, (3, Undo())))) == {(0, 1)}
    assert frozen_units(both) == frozenset()


EDITS = st.one_of(
    st.builds(Freeze, st.integers(0, 1), st.integers(0, 1), st.booleans()),
    st.builds(Silence, st.integers(0, 1), st.integers(0, 1), st.booleans()),
    st.builds(SetWeight, st.just("output/bias"), st.just((0,)), st.floats(-1, 1)),
)


@given(st.lists(EDITS), EDITS)
def test_undo_reverts_exactly_the_last_edit(edits, last):
    before = in_force(timeline(*edits))
    after = in_force((*before, (99, last)))
    if after != before:
        assert in_force((*after, (99, Undo()))) == before


BATCHES = st.lists(st.lists(EDITS | st.just(Undo()), max_size=6), max_size=4)  # of every epoch


@given(BATCHES)
def test_every_entry_of_a_timeline_has_an_effect(batches):
    kept = ()
    for epoch, batch in enumerate(batches):
        for edit in batch:
            length = len(kept)
            kept = added(kept, epoch, edit)
            assert len(kept) <= length + 1
            effects = [in_force(kept[:count]) for count in range(len(kept) + 1)]
            assert all(before != after for before, after in pairwise(effects))
        for earlier, later in pairwise(kept):
            assert earlier[0] <= later[0]
            if earlier[0] == later[0] and isinstance(earlier[1], SetWeight) and isinstance(later[1], SetWeight):
                assert (earlier[1].name, earlier[1].index) != (later[1].name, later[1].index)


@given(st.lists(EDITS, max_size=12))
def test_a_folded_timeline_changes_a_network_like_all_its_edits(edits):
    folded = ()
    for edit in edits:
        folded = added(folded, 3, edit)
    results = []
    for lines in (tuple((3, edit) for edit in edits), folded):
        weights = some_weights(NETWORK, 2, 2)
        applied = AppliedEdits()
        for epoch, edit in lines:
            applied = applied.apply(epoch, edit, weights)
        results.append((weights, frozen_units(applied.standing), silenced_units(applied.standing)))
    assert results[0][1:] == results[1][1:]
    for name, weight in results[0][0].items():
        np.testing.assert_array_equal(results[1][0][name], weight)


def test_setting_a_weight_several_times_in_a_row_is_one_entry():
    kept = ()
    for value in (1.0, 2.0, 3.0):
        kept = added(kept, 4, SetWeight("output/bias", (0,), value))
    assert kept == ((4, SetWeight("output/bias", (0,), 3.0)),)
    assert added(kept, 4, Undo()) == ()
    later = added(kept, 5, SetWeight("output/bias", (0,), 4.0))
    assert len(later) == 2
    other = added(kept, 4, SetWeight("output/kernel", (0, 0), 4.0))
    assert len(added(other, 4, SetWeight("output/bias", (0,), 5.0))) == 3


def test_the_weights_that_a_run_starts_from_cannot_be_undone():
    begun = ((0, Begin({})),)
    for edit in (Undo(), Freeze(0, 0, False)):
        assert added(begun, 0, edit) is begun
    assert without_begin(added(begun, 0, Freeze(0, 0, True))) == ((0, Freeze(0, 0, True)),)


def test_a_step_of_training_is_made_after_its_own_epoch_or_not_at_all():
    weight = SetWeight("output/bias", (0,), 2.0)
    assert added((), 3, STEP) == ((3, STEP),)
    assert added((), 4, STEP) == in_force(((4, STEP),)) == ()
    twice = added(added((), 3, STEP), 3, STEP)
    assert in_force(twice) == ((3, STEP), (3, STEP))
    assert added(twice, 3, weight) == (*twice, (3, weight))
    assert added(((3, weight), *twice), 3, replace(weight, value=4.0)) == (
        (3, weight),
        *twice,
        (3, replace(weight, value=4.0)),
    )


def test_a_step_of_training_is_undone_until_an_epoch_follows():
    weight, freeze = (1, SetWeight("output/bias", (0,), 2.0)), (3, Freeze(0, 0, True))
    made = (weight, (3, STEP))
    assert added(made, 3, Undo()) == (weight,)
    assert added((*made, freeze), 3, Undo()) == made
    later = added(made, 4, Undo())  # the step stays: it is training by now
    assert in_force(later) == ((3, STEP),)
    assert added(later, 5, Undo()) == later
    assert frozen_units(in_force((*made, freeze, (4, Undo())))) == frozenset()


@pytest.mark.parametrize(
    "edit",
    [
        SetWeight("hidden_1/kernel", (1, 3), -2.5),
        SetWeight("hidden_1/bias", (3,), 0),
        SetWeight("normalization_2/moving_variance", (1,), 0.0),
        SetWeight("output/kernel", (1, 0), 3e38),
        Freeze(0, 3, True),
        Silence(1, 1, False),
        Undo(),
        STEP,
        TakeStep(EXPERIMENT, 3, None),
    ],
)
def test_edits_of_existing_weights_and_units_are_accepted(edit):
    check_edit(edit, EXPERIMENT, inputs=2, classes=2, rows=50)


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        (SetWeight("hidden_3/kernel", (0, 0), 1.0), "name"),
        (SetWeight(["x"], (0, 0), 1.0), "name"),
        (SetWeight("hidden_1/kernel", (2, 0), 1.0), "index"),
        (SetWeight("hidden_1/kernel", (0, 4), 1.0), "index"),
        (SetWeight("hidden_1/kernel", (0, -1), 1.0), "index"),
        (SetWeight("hidden_1/kernel", (0,), 1.0), "index"),
        (SetWeight("hidden_1/kernel", (0, True), 1.0), "index"),
        (SetWeight("hidden_1/kernel", (0, 1.0), 1.0), "index"),
        (SetWeight("hidden_1/kernel", 0, 1.0), "index"),
        (SetWeight("hidden_1/kernel", (0, 0), math.nan), "value"),
        (SetWeight("hidden_1/kernel", (0, 0), math.inf), "value"),
        (SetWeight("hidden_1/kernel", (0, 0), 4e38), "value"),
        (SetWeight("hidden_1/kernel", (0, 0), 10**400), "value"),
        (SetWeight("hidden_1/kernel", (0, 0), "1"), "value"),
        (SetWeight("hidden_1/kernel", (0, 0), True), "value"),
        (SetWeight("normalization_2/moving_variance", (0,), -0.1), "value"),
        (Freeze(2, 0, True), "layer"),  # the output layer
        (Freeze(-1, 0, True), "layer"),
        (Silence(0, 4, True), "unit"),
        (Silence(1, 2, True), "unit"),
        (Silence(1, 0.0, True), "unit"),
        (Silence(1, 0, 1), "on"),
        (TakeStep(EXPERIMENT, 3, (50,)), "rows"),
        (TakeStep(EXPERIMENT, 3, (-1,)), "rows"),
        (TakeStep(EXPERIMENT, 3, (1, 1)), "rows"),
        (TakeStep(EXPERIMENT, 3, ()), "rows"),
        (TakeStep(EXPERIMENT, 3, (True,)), "rows"),
        (TakeStep(EXPERIMENT, 3, [1]), "rows"),
        (TakeStep(EXPERIMENT, 3, tuple(range(65))), "rows"),
        (TakeStep(Experiment(), 3, (1,)), "experiment"),
        ("undo", "edit"),
    ],
)
def test_other_edits_are_refused_by_name(edit, key):
    with pytest.raises(ExperimentError, match=f"`{key}` must be ") as refused:
        check_edit(edit, EXPERIMENT, inputs=2, classes=2, rows=50)
    assert refused.value.key == key


def test_without_hidden_layers_there_is_nothing_to_freeze():
    with pytest.raises(ExperimentError, match="but there are none"):
        check_edit(Freeze(0, 0, True), replace(EXPERIMENT, network=NetworkSpec(())), inputs=2, classes=2, rows=50)
