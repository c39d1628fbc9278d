"""The TRON chain: addresses, explorer exports and TronGrid-shaped JSON."""
