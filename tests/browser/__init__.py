"""Journeys of people through the real app, in a real Chromium."""
