"""Asset tracing for court: every figure can be followed back to stored bytes and replayed offline."""

# `recover_forensics` looks for this line before it starts anything: another distribution is called `recover`.
DISTRIBUTION = "recover-forensics"

__version__ = "0.1.0"
