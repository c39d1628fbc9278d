"""Exports: tables as CSV and JSON."""
