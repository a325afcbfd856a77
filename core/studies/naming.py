"""The name that a study gets by itself: what it varies."""

from __future__ import annotations

from core.experiment import menus
from core.runs.naming import label_of
from core.studies.plans import Plan
from core.studies.race import Race
from core.studies.rate_sweep import RateSweep
from core.studies.search import Search
from core.studies.setting_words import words_of
from core.studies.study import Study

_VALUES_MOST = 4


def name_of(plan: Plan) -> str:
    """Return what a plan varies, in words.

    >>> from core.experiment import read_query
    >>> from core.studies.varied import Varied
    >>> moons = read_query("data=moons")
    >>> name_of(Study(moons))
    'Luck: 20 seeds of Moons'
    >>> rates = Varied.parse("lr=0.001,0.01,0.1")
    >>> name_of(Study(moons, (rates,)))
    'Learning rate: 0.001, 0.01, 0.1 on Moons'
    >>> name_of(Study(moons, (rates, Varied.parse("batch=8,16")), seeds=3))
    'Learning rate × batch size on Moons'
    >>> name_of(Race((moons, read_query("data=moons&lr=0.5"))))
    'Race: learning rate on Moons'
    """
    data = menus.DATA[plan.members[0].experiment.data.name].title if plan.members else ""
    if isinstance(plan, Race):
        keys = list(dict.fromkeys(key for member in plan.members for key, _ in member.settings))
        return f"Race: {', '.join(map(label_of, keys))} on {data}"
    if isinstance(plan, Study) and not plan.varied:
        return f"Luck: {plan.seeds} seeds of {data}"
    if isinstance(plan, Study) and len(plan.varied) == 1:
        (varied,) = plan.varied
        words = words_of(varied)
        shown = ", ".join(words.values[:_VALUES_MOST]) + (", …" if len(words.values) > _VALUES_MOST else "")
        return _capital(f"{words.label}: {shown} on {data}")
    if isinstance(plan, Study):
        return _capital(f"{' × '.join(words_of(varied).label for varied in plan.varied)} on {data}")
    if isinstance(plan, RateSweep):
        return f"Learning rates of {data}"
    if isinstance(plan, Search):
        labels = ", ".join(plan.label_in_a_sentence(dimension.name) for dimension in plan.dimensions)
        return f"Search on {menus.DATA[plan.base.data.name].title}: {labels}"
    return _capital(plan.kind)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
