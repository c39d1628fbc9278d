"""Letters and the register of legal bases."""
