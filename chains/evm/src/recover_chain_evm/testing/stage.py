"""A stage for a case: named actors with accounts on a node, contracts placed or deployed, transactions sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from recover_chain_evm.testing.anvil import Anvil, RpcFailed
from recover_chain_evm.testing.compiled import Value, contract, encode

ETHER = 10**18
GAS_PRICE = 5 * 10**9
FEE = 21_000 * GAS_PRICE  # of a plain payment


@dataclass(slots=True)
class Stage:
    """`names` maps actors and contracts to addresses. Each transaction must succeed, unless said otherwise.

    Every transaction has a block of its own but for those sent `together`.
    """

    node: Anvil
    names: dict[str, str] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)

    def actor(self, *names: str) -> None:
        """Give each name the node's next account, emptied, so that all it will have came by a transaction."""
        for name in names:
            account = self.node.accounts[len([n for n in self.names if n not in self.made])]
            self.names[name] = account
            if name != "faucet":
                self.node.call("anvil_setBalance", account, "0x0")

    def place(self, name: str, kind: str, address: str, owner: str | None = None) -> None:
        """Put a contract's code at the address that it has on the real chain; `owner` goes to its first slot."""
        self.node.call("anvil_setCode", address, "0x" + contract(kind).runtime)
        if owner is not None:
            slot = "0x" + bytes(12).hex() + self.names[owner][2:]
            self.node.call("anvil_setStorageAt", address, "0x" + bytes(32).hex(), slot)
        self.names[name], self.made[name] = address, kind

    def deploy(self, who: str, name: str, kind: str, *values: Value) -> str:
        """Create a contract by a transaction, whose id is returned."""
        data = contract(kind).create(*values)
        tx = self._send({"from": self.names[who], "data": data})
        self.names[name], self.made[name] = self.receipt(tx)["contractAddress"], kind
        return tx

    def pay(self, who: str, to: str, value: int, **more: str) -> str:
        return self._send({"from": self.names[who], "to": self.names.get(to, to), "value": hex(value), **more})

    def send(self, who: str, on: str, method: str, *values: Value, value: int = 0, fails: bool = False) -> str:
        """One call of a contract by its name here, sent as a transaction."""
        data = contract(self.made[on]).call(method, *(self._named(v) for v in values))
        sent = {"from": self.names[who], "to": self.names[on], "data": data, "value": hex(value)}
        return self._send(sent | {"gas": hex(200_000)} if fails else sent, fails=fails)

    def forward(self, who: str, on: str, method: str, encoded: str) -> str:
        """A call whose values stand encoded already, as a log or another call holds them."""
        data = contract(self.made[on]).call(method) + encoded[2:]
        return self._send({"from": self.names[who], "to": self.names[on], "data": data})

    def ask(self, on: str, method: str, *values: Value) -> int:
        """The number that a call gives, at the newest block."""
        data = contract(self.made[on]).call(method, *(self._named(v) for v in values))
        return int(self.node.call("eth_call", {"to": self.names[on], "data": data}, "latest"), 16)

    def held(self, who: str, token: str = "") -> int:
        """What an actor holds of a token, or of the chain's own coin."""
        if token:
            return self.ask(token, "balanceOf", who)
        return int(self.node.call("eth_getBalance", self.names[who], "latest"), 16)

    def empty(self, who: str, to: str) -> tuple[str, int]:
        """Send all of an account's coin but the fee, to the unit; the transaction and what it sent."""
        value = self.held(who) - FEE
        return self.pay(who, to, value, gas=hex(21_000), gasPrice=hex(GAS_PRICE)), value

    def allow(self, token: str, owner: str, spender: str, amount: int) -> None:
        """Write an allowance into a token's storage (slot 3), for an owner that has no key here."""
        inner = self._slot(self.names[owner], 3)
        slot = self._slot(self.names[spender], int(inner, 16))
        self.node.call("anvil_setStorageAt", self.names[token], slot, f"0x{amount:064x}")

    def permit(self, token: str, owner: str, spender: str, amount: int, until: int) -> tuple[int, bytes, bytes]:
        """The owner's signature of EIP-2612 as (v, r, s), made by the node, which has the account's key."""
        fields = [("owner", "address"), ("spender", "address")]
        fields += [(name, "uint256") for name in ("value", "nonce", "deadline")]
        domain = [
            ("name", "string"),
            ("version", "string"),
            ("chainId", "uint256"),
            ("verifyingContract", "address"),
        ]
        typed = {
            "types": {
                "EIP712Domain": [{"name": n, "type": t} for n, t in domain],
                "Permit": [{"name": n, "type": t} for n, t in fields],
            },
            "primaryType": "Permit",
            "domain": {
                "name": "USD Coin",
                "version": "2",
                "chainId": int(self.node.call("eth_chainId"), 16),
                "verifyingContract": self.names[token],
            },
            "message": {
                "owner": self.names[owner],
                "spender": self.names[spender],
                "value": str(amount),
                "nonce": str(self.ask(token, "nonces", owner)),
                "deadline": str(until),
            },
        }
        raw = bytes.fromhex(self.node.call("eth_signTypedData_v4", self.names[owner], typed)[2:])
        return raw[64], raw[:32], raw[32:64]

    def together(self, *sent: tuple[str, str, str, tuple[Value, ...]]) -> tuple[str, ...]:
        """Several calls (who, contract, method, values) in one block, in this order."""
        made = []
        for place, (who, on, method, values) in enumerate(sent):
            data = contract(self.made[on]).call(method, *(self._named(v) for v in values))
            # A falling price keeps the order of senders; the fee market would choose it otherwise.
            price = hex(GAS_PRICE * (len(sent) - place))
            call = {"from": self.names[who], "to": self.names[on], "data": data, "gasPrice": price}
            made.append(self.node.call("eth_sendTransaction", call | {"gas": hex(200_000)}))
        self.node.call("evm_mine")
        for tx in made:
            self._check(tx, fails=False)
        return tuple(made)

    def receipt(self, tx: str) -> dict[str, Any]:
        """Raises RpcFailed for a transaction that is in no block."""
        found: dict[str, Any] | None = self.node.call("eth_getTransactionReceipt", tx)
        if found is None:
            raise RpcFailed(f"{tx} was not mined")
        return found

    def _send(self, call: dict[str, str], *, fails: bool = False) -> str:
        tx: str = self.node.call("eth_sendTransaction", call)
        self.node.call("evm_mine")
        self._check(tx, fails=fails)
        return tx

    def _check(self, tx: str, *, fails: bool) -> None:
        if (self.receipt(tx)["status"] == "0x0") is not fails:
            raise RpcFailed(f"{tx} was to {'fail' if fails else 'succeed'}, and did not")

    def _slot(self, key: str, place: int) -> str:
        found: str = self.node.call("web3_sha3", "0x" + encode([key, place]).hex())
        return found

    def _named(self, value: Value) -> Value:
        if isinstance(value, str):
            return self.names.get(value, value)
        if isinstance(value, int | bytes):
            return value
        return [self.names.get(each, each) if isinstance(each, str) else each for each in value]
