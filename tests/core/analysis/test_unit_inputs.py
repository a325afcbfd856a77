import numpy as np

from core.analysis.unit_inputs import incoming_pictures, most_activating, strongest_units


def test_units_with_the_largest_incoming_weights_come_first():
    kernel = np.array([[1.0, -3.0, 0.0, 2.0], [1.0, 0.0, 0.5, 2.0]], np.float32)
    assert strongest_units(kernel, 3).tolist() == [1, 3, 0]
    assert strongest_units(kernel, 20).tolist() == [1, 3, 0, 2]


def test_each_picture_has_a_scale_of_its_own_around_zero():
    kernel = np.array([[1, 0, -8], [-2, 0, 4], [0, 0, 0], [1, 0, 2]], np.float32)
    pictures = incoming_pictures(kernel, np.array([2, 0, 1]), (2, 2))
    assert pictures.tolist() == [[[-1, 0.5], [0, 0.25]], [[0.5, -1], [0, 0.5]], [[0, 0], [0, 0]]]


def test_weights_of_colour_stay_beside_their_pixel():
    kernel = np.arange(1, 13, dtype=np.float32)[:, None]
    assert (
        incoming_pictures(kernel, np.array([0]), (2, 2, 3))[0, 1, 0].tolist()
        == (np.array([7, 8, 9]) / 12).astype(np.float32).tolist()
    )


def test_the_rows_that_excite_a_unit_most_come_first():
    outputs = np.array([[0, 1], [5, 0], [2, 9], [5, 3]], np.float32)
    assert most_activating(outputs, 0, 3).tolist() == [1, 3, 2]
    assert most_activating(outputs, 1, 1).tolist() == [2]
