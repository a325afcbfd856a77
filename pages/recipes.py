"""Recipes: the networks of published tutorials, one click from the lab."""

from __future__ import annotations

from ui.bar import watch_run
from ui.recipes import page as recipes
from ui.sidebar import turn_to_lab

if recipes.show():
    turn_to_lab()
watch_run()
