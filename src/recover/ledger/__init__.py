"""The ledger: transactions and legs in columns, joined over exhibits, exact to 256 bits, in a stated order.

In the order in which it is made and read:

    parts.py        each exhibit as one source decoded it, a folder of tables
    joining.py      the ledger of a case, joined anew or with what came since
    join.py         all parts made into one ledger; contradictions between exhibits become gaps
    extended.py     what late exhibits touch joined again, all else as it stands
    sql.py          the statements by which DuckDB does that
    blocks.py       which blocks are on the chain
    lookalikes.py   dust from look-alike addresses, left out of what is traced
    read.py         the joined ledger as heuristics read it
    numbered.py     the same with its addresses numbered, as tracing takes it
    coverage.py     whose whole history the exhibits claim to hold
"""

from recover.ledger.join import TABLES, Part, Read, build
from recover.ledger.read import Ledger

__all__ = ["TABLES", "Ledger", "Part", "Read", "build"]
