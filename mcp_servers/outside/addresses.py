"""Which network addresses an outside server may be at."""

from enum import Enum, auto
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Ip = IPv4Address | IPv6Address

_PUBLIC_V6 = IPv6Network("2000::/3")  # all that is given out: https://www.iana.org/assignments/ipv6-address-space
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 address is in the last four bytes
_NOT_PUBLIC = (
    IPv4Network("192.0.0.0/24"),  # whole; Python before 3.11.10 knows parts of it
    IPv6Network("3fff::/20"),  # documentation, RFC 9637
)
_CLOUD_SECRETS = IPv4Address("168.63.129.16")  # Azure answers its machines there; it looks like a public address


class Reach(Enum):
    """How far an address is away from us."""

    PUBLIC = auto()
    PRIVATE = auto()
    """This machine, a private network, or what else the Internet does not route."""
    NEVER = auto()
    """Link-local, where clouds keep their machines' secrets, and what is no single machine."""


def reach_of(address: Ip) -> Reach:
    """An IPv4 address that hides in an IPv6 one counts as what it is."""
    hidden = _hidden(address)
    if hidden is not None:
        return reach_of(hidden)
    if address.is_link_local or address.is_multicast or address == _CLOUD_SECRETS:
        return Reach.NEVER
    if address == IPv4Address("255.255.255.255"):
        return Reach.NEVER
    return Reach.PUBLIC if _is_public(address) else Reach.PRIVATE


def _is_public(address: Ip) -> bool:
    if not address.is_global or address.is_reserved or any(address in network for network in _NOT_PUBLIC):
        return False
    return isinstance(address, IPv4Address) or address in _PUBLIC_V6


def _hidden(address: Ip) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.sixtofour
