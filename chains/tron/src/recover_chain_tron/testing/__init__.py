"""What tests of TRON need: transactions made as the protocol makes them, and a double of its servers."""
