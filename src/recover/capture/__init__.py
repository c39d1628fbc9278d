"""The only door to the outside: live and replay recorders of one shape; tests use `recover.testing`'s cassette."""

from recover.capture import own, secrets
from recover.capture.live import Live
from recover.capture.replay import Replay

__all__ = ["Live", "Replay", "own", "secrets"]
