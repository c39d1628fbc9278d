// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Tokens} from "Tokens.sol";

// A deposit address that is a contract: only the desk that made it can pass on what it holds, and only to the vault.
contract Forwarder {
    address public immutable desk;
    address payable public immutable vault;

    constructor(address payable to) {
        desk = msg.sender;
        vault = to;
    }

    receive() external payable {}

    function flush(address token) external {
        require(msg.sender == desk, "not the desk");
        Tokens.pay(token, vault, Tokens.held(token, address(this)));
    }

    function flushCoin() external {
        require(msg.sender == desk, "not the desk");
        (bool done,) = vault.call{value: address(this).balance}("");
        require(done, "the vault refused");
    }
}

// An exchange's desk: makes forwarders, and is the one caller that flushes them.
contract Desk {
    address public immutable operator;
    address payable public immutable vault;
    Forwarder[] public forwarders;

    event Opened(address indexed forwarder, uint256 indexed customer);

    constructor(address payable to) {
        operator = msg.sender;
        vault = to;
    }

    function open(uint256 customer) external returns (address made) {
        require(msg.sender == operator, "not the operator");
        Forwarder forwarder = new Forwarder{salt: bytes32(customer)}(vault);
        forwarders.push(forwarder);
        emit Opened(address(forwarder), customer);
        return address(forwarder);
    }

    function flush(Forwarder[] calldata which, address token) external {
        require(msg.sender == operator, "not the operator");
        for (uint256 i = 0; i < which.length; i++) which[i].flush(token);
    }

    function flushCoin(Forwarder[] calldata which) external {
        require(msg.sender == operator, "not the operator");
        for (uint256 i = 0; i < which.length; i++) which[i].flushCoin();
    }
}
