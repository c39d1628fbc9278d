"""What a file is, by its content, and what a text names, by asking the chains."""
