"""Heuristics for account-based chains: deposit addresses and unlabelled service hubs."""

from recover.sdk import Heuristic, plugin


@plugin
def recover_heuristics() -> list[Heuristic]:
    """The heuristics of this member. The modules are imported when asked for, so that start-up stays light."""
    from recover_heuristics_account.deposits import DepositAddress
    from recover_heuristics_account.hubs import Hub

    return [DepositAddress(), Hub()]
