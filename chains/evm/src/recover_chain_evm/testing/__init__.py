"""What this chain's tests are staged on: a real node on loopback, contracts, and a case whose truth is known."""
