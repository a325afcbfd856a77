import numpy as np

from core.analysis.calibration import calibration
from core.figures import reliability_figure


def test_filled_bins_are_bars_at_their_middle_and_all_bins_have_their_rows():
    probabilities = np.array([[0.55, 0.45], [0.42, 0.58], [0.9, 0.1], [0.88, 0.12]])
    bars, marks, _, rows = reliability_figure(calibration(probabilities, np.array([0, 0, 0, 0]))).data
    np.testing.assert_allclose(bars.x, [0.55, 0.85])
    np.testing.assert_allclose(bars.y, [0.5, 1])
    np.testing.assert_allclose(marks.y, [0.565, 0.89])
    assert list(rows.y) == [0, 0, 0, 0, 0, 2, 0, 0, 2, 0]
