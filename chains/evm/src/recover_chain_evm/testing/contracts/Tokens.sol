// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Calls of tokens that may return nothing.
library Tokens {
    function held(address token, address who) internal view returns (uint256) {
        (bool done, bytes memory said) = token.staticcall(abi.encodeWithSignature("balanceOf(address)", who));
        require(done && said.length == 32, "no balance");
        return abi.decode(said, (uint256));
    }

    function pay(address token, address to, uint256 value) internal {
        check(token, abi.encodeWithSignature("transfer(address,uint256)", to, value));
    }

    function take(address token, address from, address to, uint256 value) internal {
        check(token, abi.encodeWithSignature("transferFrom(address,address,uint256)", from, to, value));
    }

    function check(address token, bytes memory data) private {
        (bool done, bytes memory said) = token.call(data);
        require(done && (said.length == 0 || abi.decode(said, (bool))), "the token refused");
    }
}
