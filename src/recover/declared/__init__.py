"""What persons declare in a case: losses, elections, decisions."""
