"""What stands between the ledger and the engine: prepared trails, their flows, asks and routes."""
