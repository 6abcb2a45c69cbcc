"""Renders results.json: a table for the screen, Markdown, CSV, and one HTML page."""
