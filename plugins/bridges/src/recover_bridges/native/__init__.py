"""Bridges of the chains themselves: what goes up and down by messages that both chains record."""
