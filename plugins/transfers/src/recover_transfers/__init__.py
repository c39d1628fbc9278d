"""The project's own chain-neutral transfer file."""
