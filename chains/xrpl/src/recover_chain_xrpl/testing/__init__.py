"""Answers made by hand with invented accounts, and a server on loopback that gives them."""
