"""Sealing: a case in one bundle that others check, sign and open without this program."""
