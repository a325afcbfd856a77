"""The project's own lessons are whole; whether their goals hold is for `python -m core lessons check`."""

from core.lessons.lesson import Lesson
from core.lessons.shelf import OWN_FOLDER, Shelf


def test_the_project_has_twelve_lessons_which_are_taught_well():
    lessons = Shelf(OWN_FOLDER, OWN_FOLDER / "none").all()[:-1]
    assert [type(one) for one in lessons] == [Lesson] * 12
    for number, one in enumerate(lessons, start=1):
        assert one.file.startswith(f"{number:02d}-")
        assert 5 <= one.minutes <= 10
        assert one.more is not None
        assert one.remember.endswith(".")
        assert any(step.prediction for step in one.steps)
        for step in one.steps:
            assert step.goal is not None, step.title
            assert step.hints or step.goal.only_changed == () or not step.goal.needs_run, step.title
            assert step.meaning, step.title
