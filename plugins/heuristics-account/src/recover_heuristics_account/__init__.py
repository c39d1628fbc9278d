"""Heuristics for account-based chains: deposit addresses, hubs, swaps, drains, links of ownership, shapes."""

from recover.sdk import Heuristic, plugin


@plugin
def recover_heuristics() -> list[Heuristic]:
    """The heuristics of this member. The modules are imported when asked for, so that start-up stays light."""
    from recover_heuristics_account.airdrops import AirdropParticipation
    from recover_heuristics_account.crowds import Crowd
    from recover_heuristics_account.deals import DeskShape, EscrowShape
    from recover_heuristics_account.deposits import DepositAddress
    from recover_heuristics_account.drains import Drain
    from recover_heuristics_account.flushes import ContractForwarder
    from recover_heuristics_account.forwards import DepositForward
    from recover_heuristics_account.growth import HotWalletGrowth
    from recover_heuristics_account.hubs import Hub
    from recover_heuristics_account.links import ContractCreator, FirstFunder
    from recover_heuristics_account.selves import SelfAuthorisation
    from recover_heuristics_account.shapes import NestedService, PaymentProcessor
    from recover_heuristics_account.swaps import Swap
    from recover_heuristics_account.ties import AccountMaker, RelayedOwner, ResourceLender, SharedControl

    return [
        *(AirdropParticipation(), ContractCreator(), ContractForwarder(), Crowd(), DepositAddress()),
        *(DepositForward(), Drain(), FirstFunder(), HotWalletGrowth(), Hub(), SelfAuthorisation(), Swap()),
        *(AccountMaker(), RelayedOwner(), ResourceLender(), SharedControl()),
        *(NestedService(), PaymentProcessor(), EscrowShape(), DeskShape()),
    ]
