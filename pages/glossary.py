"""Glossary: every control, figure and number in plain words."""

from __future__ import annotations

from ui.bar import watch_run
from ui.glossary import page as glossary

glossary.show()
watch_run()
