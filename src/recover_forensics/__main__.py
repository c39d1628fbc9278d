"""`python -m recover_forensics`: the same program, where another package has taken the command `recover`."""

from recover_forensics import run

run()
