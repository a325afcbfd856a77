"""An experiment in words."""

from hypothesis import given

from core.experiment import read_query
from core.export.experiment_text import in_words
from tests.core.experiment.strategies import experiments


def test_a_recipe_is_told():
    assert in_words(read_query("recipe=digits&layers=sigmoid-15-batch-drop0.2")) == {
        "Data": "Digits 8x8, seed 0",
        "Rows": "the first 1,000 train, inputs not scaled",
        "Network": "hidden layer 1: 15 sigmoid with batch normalization and dropout 0.2, "
        "kernel initializer Glorot uniform, L2 0.0001 on kernel and bias and activity",
        "Training": "SGD with learning rate 0.1, momentum 0.9, loss cross-entropy, batch size 100, 50 epochs, seed 0",
    }


def test_what_is_off_is_not_told_and_the_file_is_named():
    words = in_words(read_query("data=file&schedule=cosine&clip=norm&clip_at=2"), "my trees.csv")
    assert words["Data"].startswith("Your file: predict a class (my trees.csv), seed")
    assert "schedule cosine decay, gradient clipping by norm (clip at 2)" in words["Training"]
    assert "beta" not in words["Training"]


def test_the_inputs_of_points_are_told_and_of_a_file_only_where_they_are_derived():
    assert in_words(read_query("data=moons"))["Data"].endswith("inputs x₁ and x₂, seed 0")
    words = in_words(read_query("data=file&inputs=x1,x1x1"))
    assert words["Data"] == "Your file: predict a class, inputs x₁ and x₁², seed 0"
    assert "inputs" not in in_words(read_query("data=file"))["Data"]


@given(experiments)
def test_any_experiment_can_be_told(experiment):
    words = in_words(experiment)
    assert list(words) == ["Data", "Rows", "Network", "Training"]
    assert all(words.values())
