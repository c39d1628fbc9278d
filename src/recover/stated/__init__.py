"""Flows that others state, from any tool, analyst or agent: read, and held against the exhibits of a case."""
