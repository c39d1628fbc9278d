"""Trails: the ledger made ready for the engine by asset, and what tracing gives: flows, ends, asks, routes."""
