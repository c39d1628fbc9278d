// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Tokens} from "Tokens.sol";

interface Wrapped {
    function deposit() external payable;
    function withdraw(uint256 wad) external;
}

// A pool of two tokens with a constant product and a fee of 0.3 %; events as in Uniswap V2.
contract Pool {
    address public immutable token0;
    address public immutable token1;
    uint112 public reserve0;
    uint112 public reserve1;

    event Swap(
        address indexed sender,
        uint256 amount0In,
        uint256 amount1In,
        uint256 amount0Out,
        uint256 amount1Out,
        address indexed to
    );
    event Sync(uint112 reserve0, uint112 reserve1);

    constructor(address a, address b) {
        (token0, token1) = a < b ? (a, b) : (b, a);
    }

    function sync() external {
        keep(Tokens.held(token0, address(this)), Tokens.held(token1, address(this)));
    }

    function quote(address sold, uint256 amount) public view returns (uint256) {
        (uint256 into, uint256 out) = sold == token0 ? (reserve0, reserve1) : (reserve1, reserve0);
        uint256 net = amount * 997;
        return (net * out) / (uint256(into) * 1000 + net);
    }

    function swap(uint256 out0, uint256 out1, address to) external {
        if (out0 > 0) Tokens.pay(token0, to, out0);
        if (out1 > 0) Tokens.pay(token1, to, out1);
        uint256 now0 = Tokens.held(token0, address(this));
        uint256 now1 = Tokens.held(token1, address(this));
        uint256 in0 = now0 + out0 - reserve0;
        uint256 in1 = now1 + out1 - reserve1;
        uint256 product = (now0 * 1000 - in0 * 3) * (now1 * 1000 - in1 * 3);
        require(product >= uint256(reserve0) * reserve1 * 1000000, "the product fell");
        keep(now0, now1);
        emit Swap(msg.sender, in0, in1, out0, out1, to);
    }

    function keep(uint256 now0, uint256 now1) private {
        (reserve0, reserve1) = (uint112(now0), uint112(now1));
        emit Sync(reserve0, reserve1);
    }
}

// Sells an exact amount over one pool; to the chain's own coin by unwrapping, from it by wrapping.
contract Router {
    address public immutable wrapped;

    constructor(address coin) {
        wrapped = coin;
    }

    receive() external payable {
        require(msg.sender == wrapped, "only the wrapped coin pays here");
    }

    function sell(Pool pool, address token, uint256 amount, address to) external {
        Tokens.take(token, msg.sender, address(pool), amount);
        trade(pool, token, amount, to);
    }

    function sellForCoin(Pool pool, address token, uint256 amount, address payable to) external {
        Tokens.take(token, msg.sender, address(pool), amount);
        uint256 got = trade(pool, token, amount, address(this));
        Wrapped(wrapped).withdraw(got);
        (bool done,) = to.call{value: got}("");
        require(done, "the coin was refused");
    }

    function sellCoin(Pool pool, address to) external payable {
        Wrapped(wrapped).deposit{value: msg.value}();
        Tokens.pay(wrapped, address(pool), msg.value);
        trade(pool, wrapped, msg.value, to);
    }

    function trade(Pool pool, address sold, uint256 amount, address to) private returns (uint256 got) {
        got = pool.quote(sold, amount);
        (uint256 out0, uint256 out1) = sold == pool.token0() ? (uint256(0), got) : (got, uint256(0));
        pool.swap(out0, out1, to);
    }
}
