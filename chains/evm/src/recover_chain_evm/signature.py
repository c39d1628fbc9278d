"""Who signed: the sender of a transaction from its signature (secp256k1; SEC 1, section 4.1.6)."""

from __future__ import annotations

from recover_chain_evm.keccak import keccak256

_P = 2**256 - 2**32 - 977
_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
    1,
)

_Point = tuple[int, int, int]  # Jacobian: (X / Z^2, Y / Z^3); Z = 0 is the point at infinity


def signer(digest: bytes, parity: int, r: int, s: int) -> str:
    """The address that signed `digest`, as 0x and 40 digits. Raises ValueError where the numbers sign nothing."""
    if not (0 < r < _N and 0 < s < _N and parity in (0, 1)):
        raise ValueError("the signature's numbers are out of range")
    square = (pow(r, 3, _P) + 7) % _P
    y = pow(square, (_P + 1) // 4, _P)
    if y * y % _P != square:
        raise ValueError("the signature names no point of the curve")
    point = (r, y if y % 2 == parity else _P - y, 1)
    inverse = pow(r, -1, _N)
    e = int.from_bytes(digest, "big")
    key = _sum(_G, -e * inverse % _N, point, s * inverse % _N)
    if key[2] == 0:
        raise ValueError("the signature names no key")
    z = pow(key[2], -1, _P)
    x, y = key[0] * z * z % _P, key[1] * z * z * z % _P
    return "0x" + keccak256(x.to_bytes(32, "big") + y.to_bytes(32, "big"))[12:].hex()


def _sum(a: _Point, n: int, b: _Point, m: int) -> _Point:
    """n times a plus m times b, both at once (Shamir's trick)."""
    both = _add(a, b)
    total: _Point = (0, 1, 0)
    for bit in range(max(n.bit_length(), m.bit_length()) - 1, -1, -1):
        total = _double(total)
        choice = (n >> bit & 1) + 2 * (m >> bit & 1)
        if choice:
            total = _add(total, (a, b, both)[choice - 1])
    return total


def _double(p: _Point) -> _Point:
    x, y, z = p
    if z == 0 or y == 0:
        return (0, 1, 0)
    yy = y * y % _P
    s = 4 * x * yy % _P
    m = 3 * x * x % _P
    nx = (m * m - 2 * s) % _P
    return nx, (m * (s - nx) - 8 * yy * yy) % _P, 2 * y * z % _P


def _add(p: _Point, q: _Point) -> _Point:
    if p[2] == 0:
        return q
    if q[2] == 0:
        return p
    pz, qz = p[2] * p[2] % _P, q[2] * q[2] % _P
    u, v = p[0] * qz % _P, q[0] * pz % _P
    s, t = p[1] * qz * q[2] % _P, q[1] * pz * p[2] % _P
    if u == v:
        return _double(p) if s == t else (0, 1, 0)
    h, w = v - u, t - s
    hh = h * h % _P
    hhh, uhh = h * hh % _P, u * hh % _P
    x = (w * w - hhh - 2 * uhh) % _P
    return x, (w * (uhh - x) - s * hhh) % _P, h * p[2] * q[2] % _P
