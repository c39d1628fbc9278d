"""Victims: intake under random pseudonyms, identities sealed apart from everything that is shared, and losses."""
