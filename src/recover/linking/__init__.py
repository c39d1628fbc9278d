"""Who is who: labels, assertions and clusters, joined into entities under the policy of a case.

In the order in which they are worked out:

    labels.py      what sources call the addresses
    resolve.py     one label an address
    asserted.py    all that sources and heuristics assert
    entrances.py   by which contracts value went into bridges, as heuristics are told
    policy.py      by which of it the case joins
    ownership.py   assertions of common ownership, as edges
    clustering/    the clusters that edges make, on numbers alone
    members.py     addresses that only their cluster gives to a service
    entities.py    the result, with its reasons as JSON (grounds.py)
    stops.py       at which addresses a trace ends
    alarms.py      signs of a wrong merge
    joined.py      why two addresses are one entity, or are not
"""
