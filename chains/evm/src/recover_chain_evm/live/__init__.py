"""Live sources: a node's JSON-RPC, and the HTTP interface of explorers in the manner of Etherscan."""
