"""Pools, lots and rules: value followed from losses to places, exact, under one named rule.

Arrays in, arrays out: nothing here knows of chains, cases or files.

    rules/       one small file a rule; `rules.RULES`, `rules.rule(id)`
    account.py   `trace` over balances that live through time (account chains)
    coins.py     `spend` and `trace` over transactions that spend outputs (coin chains)
    backward.py  where did this come from: the exact transpose of forward
"""
