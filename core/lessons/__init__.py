"""Lessons: Markdown files that lead a person through the lab, and goals that are judged on finished runs."""
