"""Which output of a transaction is its change: single rules by id, and the answer that two of them must give."""
