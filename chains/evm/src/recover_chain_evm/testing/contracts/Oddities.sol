// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Keeps one part in a hundred of every transfer, and logs the whole: the log is not what arrived.
contract Taxed {
    string public constant name = "Taxed";
    string public constant symbol = "TAX";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(uint256 supply) {
        totalSupply = supply;
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        uint256 fee = value / 100;
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value - fee;
        totalSupply -= fee;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

// A token that does not say its decimals, and gives its symbol as 32 bytes, as some of the first tokens did.
contract Bare {
    bytes32 public constant symbol = "BARE";
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

// Answers balanceOf with 64 bytes, and decimals with a text: its calls do not fit the usual interface.
contract Misfit {
    function balanceOf(address) external pure returns (uint256, uint256) {
        return (1, 2);
    }

    function decimals() external pure returns (string memory) {
        return "six";
    }
}
