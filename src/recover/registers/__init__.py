"""Registers: dated data about services, issuers and legal bases, read from template folders."""
