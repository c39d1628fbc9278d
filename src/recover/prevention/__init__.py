"""Indicators of scams, and the feed that tells wallets, browsers, networks, exchanges and colleagues of them."""
