from core.datasets.derived_inputs import INPUTS
from core.experiment import menus


def test_every_input_on_the_menu_is_computed():
    assert list(INPUTS) == list(menus.INPUTS)
