// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// A dollar token in the manner of Circle's: frozen on both sides, pausable, mint and burn as Transfers, EIP-2612.
contract FiatDollar {
    string public constant name = "USD Coin";
    string public constant symbol = "USDC";
    uint8 public constant decimals = 6;

    address public owner; // slot 0: also blacklister, pauser and minter here
    bool public paused; // slot 0
    uint256 public totalSupply; // slot 1
    mapping(address => uint256) public balanceOf; // slot 2
    mapping(address => mapping(address => uint256)) public allowance; // slot 3
    mapping(address => bool) public isBlacklisted; // slot 4
    mapping(address => uint256) public nonces; // slot 5

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Mint(address indexed minter, address indexed to, uint256 amount);
    event Burn(address indexed burner, uint256 amount);
    event Blacklisted(address indexed _account);
    event UnBlacklisted(address indexed _account);
    event Pause();
    event Unpause();

    modifier onlyOwner() {
        require(msg.sender == owner, "not the owner");
        _;
    }

    modifier open(address a, address b) {
        require(!paused, "paused");
        require(!isBlacklisted[a] && !isBlacklisted[b] && !isBlacklisted[msg.sender], "blacklisted");
        _;
    }

    constructor() {
        owner = msg.sender;
    }

    function transfer(address to, uint256 value) external open(msg.sender, to) returns (bool) {
        move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external open(from, to) returns (bool) {
        allowance[from][msg.sender] -= value;
        move(from, to, value);
        return true;
    }

    function approve(address spender, uint256 value) external open(msg.sender, spender) returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        bytes32 kind = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(kind, keccak256(bytes(name)), keccak256("2"), block.chainid, address(this)));
    }

    function permit(address who, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        open(who, spender)
    {
        require(block.timestamp <= deadline, "expired");
        bytes32 digest = said(who, spender, value, deadline);
        require(ecrecover(digest, v, r, s) == who && who != address(0), "bad signature");
        allowance[who][spender] = value;
        emit Approval(who, spender, value);
    }

    function said(address who, address spender, uint256 value, uint256 deadline) internal returns (bytes32) {
        bytes32 kind = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 text = keccak256(abi.encode(kind, who, spender, value, nonces[who]++, deadline));
        return keccak256(abi.encodePacked("\x19\x01", DOMAIN_SEPARATOR(), text));
    }

    function mint(address to, uint256 value) external onlyOwner open(msg.sender, to) {
        totalSupply += value;
        balanceOf[to] += value;
        emit Mint(msg.sender, to, value);
        emit Transfer(address(0), to, value);
    }

    function burn(uint256 value) external onlyOwner open(msg.sender, msg.sender) {
        totalSupply -= value;
        balanceOf[msg.sender] -= value;
        emit Burn(msg.sender, value);
        emit Transfer(msg.sender, address(0), value);
    }

    function blacklist(address who) external onlyOwner {
        isBlacklisted[who] = true;
        emit Blacklisted(who);
    }

    function unBlacklist(address who) external onlyOwner {
        isBlacklisted[who] = false;
        emit UnBlacklisted(who);
    }

    function pause() external onlyOwner {
        paused = true;
        emit Pause();
    }

    function unpause() external onlyOwner {
        paused = false;
        emit Unpause();
    }

    function move(address from, address to, uint256 value) internal {
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
    }
}
