// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Two bridges after the published interfaces, for two chains that hear nothing of each other: what a relayer or an
// attester brings from one to the other is taken at its word. Burn and mint is in the manner of Circle's first
// version, orders and their payment by a solver in that of DLN. Only the logs and the movements are those.

interface Dollar {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function mint(address to, uint256 value) external;
    function burn(uint256 value) external;
}

// The contract that carries messages; the messenger of its chain tells it what to send.
contract MessageTransmitter {
    uint64 public nextNonce; // slot 0

    event MessageSent(bytes message);
    event MessageReceived(
        address indexed caller, uint32 sourceDomain, uint64 indexed nonce, bytes32 sender, bytes messageBody
    );

    function sendMessage(uint32 here, uint32 there, bytes32 recipient, bytes calldata body)
        external
        returns (uint64 nonce)
    {
        nonce = nextNonce++;
        bytes32 sender = bytes32(uint256(uint160(msg.sender)));
        emit MessageSent(abi.encodePacked(uint32(0), here, there, nonce, sender, recipient, bytes32(0), body));
    }

    function receiveMessage(bytes calldata message) external {
        uint32 source = uint32(bytes4(message[4:8]));
        uint64 nonce = uint64(bytes8(message[12:20]));
        bytes calldata body = message[116:];
        address messenger = address(uint160(uint256(bytes32(message[52:84]))));
        address recipient = address(uint160(uint256(bytes32(body[36:68]))));
        TokenMessenger(messenger).give(recipient, uint256(bytes32(body[68:100])));
        emit MessageReceived(msg.sender, source, nonce, bytes32(message[20:52]), body);
    }
}

// The contract that burns and mints; it owns the token of its chain.
contract TokenMessenger {
    Dollar public token; // slot 0
    MessageTransmitter public transmitter; // slot 1
    uint256 public domain; // slot 2
    bytes32 public other; // slot 3: the messenger of the other chain

    event DepositForBurn(
        uint64 indexed nonce,
        address indexed burnToken,
        uint256 amount,
        address indexed depositor,
        bytes32 mintRecipient,
        uint32 destinationDomain,
        bytes32 destinationTokenMessenger,
        bytes32 destinationCaller
    );
    event MintAndWithdraw(address indexed mintRecipient, uint256 amount, address indexed mintToken);

    function depositForBurn(uint256 amount, uint256 to, address recipient) external {
        token.transferFrom(msg.sender, address(this), amount);
        token.burn(amount);
        bytes32 whom = bytes32(uint256(uint160(recipient)));
        bytes32 burnt = bytes32(uint256(uint160(address(token))));
        bytes memory body = abi.encodePacked(uint32(0), burnt, whom, amount, bytes32(uint256(uint160(msg.sender))));
        uint64 nonce = transmitter.sendMessage(uint32(domain), uint32(to), other, body);
        emit DepositForBurn(nonce, address(token), amount, msg.sender, whom, uint32(to), other, bytes32(0));
    }

    function give(address to, uint256 amount) external {
        token.mint(to, amount);
        emit MintAndWithdraw(to, amount, address(token));
    }

    // Dollars for a beginning.
    function issue(address to, uint256 amount) external {
        token.mint(to, amount);
    }
}

struct Order {
    uint64 makerOrderNonce;
    bytes makerSrc;
    uint256 giveChainId;
    bytes giveTokenAddress;
    uint256 giveAmount;
    uint256 takeChainId;
    bytes takeTokenAddress;
    uint256 takeAmount;
    bytes receiverDst;
    bytes givePatchAuthoritySrc;
    bytes orderAuthorityAddressDst;
    bytes allowedTakerDst;
    bytes allowedCancelBeneficiarySrc;
    bytes externalCall;
}

contract Orders {
    // nonce, maker, chain, token and amount given, chain, token and amount taken, receiver
    function order(uint256[] calldata f) internal pure returns (Order memory made) {
        made.makerOrderNonce = uint64(f[0]);
        made.makerSrc = packed(f[1]);
        made.giveChainId = f[2];
        made.giveTokenAddress = packed(f[3]);
        made.giveAmount = f[4];
        made.takeChainId = f[5];
        made.takeTokenAddress = packed(f[6]);
        made.takeAmount = f[7];
        made.receiverDst = packed(f[8]);
        made.givePatchAuthoritySrc = packed(f[1]);
        made.orderAuthorityAddressDst = packed(f[8]);
    }

    function packed(uint256 account) internal pure returns (bytes memory) {
        return abi.encodePacked(address(uint160(account)));
    }

    function sized(bytes memory cell) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(cell.length), cell);
    }

    function id(Order memory o) internal pure returns (bytes32) {
        bytes memory given = abi.encodePacked(
            o.makerOrderNonce, sized(o.makerSrc), o.giveChainId, sized(o.giveTokenAddress), o.giveAmount
        );
        bytes memory taken = abi.encodePacked(
            o.takeChainId, sized(o.takeTokenAddress), o.takeAmount, sized(o.receiverDst)
        );
        bytes memory who = abi.encodePacked(
            sized(o.givePatchAuthoritySrc), sized(o.orderAuthorityAddressDst), sized(o.allowedTakerDst)
        );
        return keccak256(abi.encodePacked(given, taken, who, sized(o.allowedCancelBeneficiarySrc), uint8(0)));
    }
}

contract DlnSource is Orders {
    event CreatedOrder(
        Order order,
        bytes32 orderId,
        bytes affiliateFee,
        uint256 nativeFixFee,
        uint256 percentFee,
        uint32 referralCode,
        bytes metadata
    );
    event ClaimedOrderCancel(bytes32 orderId, address beneficiary, uint256 paidAmount, address giveTokenAddress);

    function createOrder(uint256[] calldata f, uint256 percent) external {
        Order memory made = order(f);
        Dollar(address(uint160(f[3]))).transferFrom(msg.sender, address(this), f[4] + percent);
        emit CreatedOrder(made, id(made), "", 0, percent, 0, "");
    }

    function claimCancel(uint256[] calldata f) external {
        Dollar(address(uint160(f[3]))).transfer(address(uint160(f[1])), f[4]);
        emit ClaimedOrderCancel(id(order(f)), address(uint160(f[1])), f[4], address(uint160(f[3])));
    }
}

contract DlnDestination is Orders {
    event FulfilledOrder(Order order, bytes32 orderId, address sender, address unlockAuthority);

    function fulfillOrder(uint256[] calldata f) external {
        Order memory made = order(f);
        Dollar(address(uint160(f[6]))).transferFrom(msg.sender, address(uint160(f[8])), f[7]);
        emit FulfilledOrder(made, id(made), msg.sender, msg.sender);
    }
}
