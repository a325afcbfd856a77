"""A small lesson as text, with parts that tests replace."""

from __future__ import annotations

from core.lessons.lesson import Lesson, Step
from core.lessons.reader import read_lesson

LESSON = """\
---
id: a-test
title: A test
minutes: 5
about: Something to read.
setup: data=moons&points=100&layers=none&epochs=5
controls:
  shown: [layers, lr]
  locked: [data]
remember: A sentence.
more:
  place: inside/one-step
  text: See more
---

Before the steps, with $x_1$.

## First

### Predict

What now?

- [ ] This
  No.

  Not at all.
- [x] That
  Yes.

### Do

Train.

### Goal

```yaml
val_accuracy: at least 0.9
reached by: layers=tanh-4
missed by:
```

### Hint

One.

### Hint

Two.

### What it means

A meaning.

## Second

### Do

Read.
"""


def lesson_with(old: str = "", new: str = "") -> Lesson:
    assert old in LESSON
    return read_lesson(LESSON.replace(old, new, 1), "test.md")


def step_with(goal: str, setup: str = "data=moons&points=100&layers=none&epochs=5", addresses: bool = True) -> Step:
    """Return a step with this goal and all controls; `reached by` and `missed by` are added."""
    more = "reached by: layers=tanh-4\nmissed by:\n" if addresses else ""
    old = "val_accuracy: at least 0.9\nreached by: layers=tanh-4\nmissed by:\n"
    text = LESSON.replace(old, f"{goal}\n{more}", 1).replace("data=moons&points=100&layers=none&epochs=5", setup, 1)
    text = text.replace("controls:\n  shown: [layers, lr]\n  locked: [data]\n", "")
    return read_lesson(text, "test.md").steps[0]
