"""The command line: the only part of the core that prints."""
