"""Asset tracing for court: every figure can be followed back to stored bytes and replayed offline."""

__version__ = "0.1.0"
