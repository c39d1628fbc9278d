"""Findings: checkable statements made of derived tables, and the view that papers are written from."""
