"""Two agencies find which addresses both have, and nothing else, by three files that they exchange."""
