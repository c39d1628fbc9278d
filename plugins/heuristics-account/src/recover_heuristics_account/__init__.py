"""Heuristics for account-based chains: deposit addresses and hubs."""
