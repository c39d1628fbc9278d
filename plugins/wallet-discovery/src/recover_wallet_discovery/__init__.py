# SPDX-License-Identifier: AGPL-3.0-or-later
"""Watch-only discovery: the addresses of public extended keys and output descriptors."""

from recover.sdk import Source, plugin

__all__ = ["recover_sources"]


@plugin
def recover_sources() -> list[Source]:
    """The reader of files of public keys and descriptors."""
    from recover_wallet_discovery.source import Wallets

    return [Wallets()]
