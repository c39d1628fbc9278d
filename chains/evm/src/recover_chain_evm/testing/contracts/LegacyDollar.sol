// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.4.26;

// A dollar token in the manner of Tether's first one: transfers return nothing, an allowance must be set to zero
// before it is changed, a frozen address can still receive, and destroying funds writes no Transfer.
contract LegacyDollar {
    string public constant name = "Tether USD";
    string public constant symbol = "USDT";
    uint8 public constant decimals = 6;

    address public owner; // slot 0
    uint256 public totalSupply; // slot 1
    mapping(address => uint256) balances; // slot 2
    mapping(address => mapping(address => uint256)) allowed; // slot 3
    mapping(address => bool) public isBlackListed; // slot 4

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Issue(uint256 amount);
    event Redeem(uint256 amount);
    event AddedBlackList(address _user);
    event RemovedBlackList(address _user);
    event DestroyedBlackFunds(address _blackListedUser, uint256 _balance);

    modifier onlyOwner() {
        require(msg.sender == owner);
        _;
    }

    constructor() public {
        owner = msg.sender;
    }

    function balanceOf(address who) external view returns (uint256) {
        return balances[who];
    }

    function allowance(address who, address spender) external view returns (uint256) {
        return allowed[who][spender];
    }

    function getBlackListStatus(address who) external view returns (bool) {
        return isBlackListed[who];
    }

    function transfer(address to, uint256 value) external {
        require(!isBlackListed[msg.sender]);
        move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external {
        require(!isBlackListed[from]);
        uint256 left = allowed[from][msg.sender];
        require(left >= value);
        if (left < uint256(-1)) allowed[from][msg.sender] = left - value;
        move(from, to, value);
    }

    function approve(address spender, uint256 value) external {
        require(value == 0 || allowed[msg.sender][spender] == 0);
        allowed[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    function issue(uint256 amount) external onlyOwner {
        balances[owner] += amount;
        totalSupply += amount;
        emit Issue(amount);
    }

    function redeem(uint256 amount) external onlyOwner {
        require(balances[owner] >= amount);
        balances[owner] -= amount;
        totalSupply -= amount;
        emit Redeem(amount);
    }

    function addBlackList(address who) external onlyOwner {
        isBlackListed[who] = true;
        emit AddedBlackList(who);
    }

    function removeBlackList(address who) external onlyOwner {
        isBlackListed[who] = false;
        emit RemovedBlackList(who);
    }

    function destroyBlackFunds(address who) external onlyOwner {
        require(isBlackListed[who]);
        uint256 dirty = balances[who];
        balances[who] = 0;
        totalSupply -= dirty;
        emit DestroyedBlackFunds(who, dirty);
    }

    function move(address from, address to, uint256 value) internal {
        require(balances[from] >= value);
        balances[from] -= value;
        balances[to] += value;
        emit Transfer(from, to, value);
    }
}
