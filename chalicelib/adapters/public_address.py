"""Which address a host of the outside may have.

A name is resolved once, and what was resolved is what is connected to: a name that points elsewhere a
moment later gains nothing. A host is refused if any of its addresses is not of the public internet.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection, Sequence

from chalicelib.domain.errors import Unavailable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

NAT64 = ipaddress.ip_network("64:ff9b::/96")
OWN = tuple(ipaddress.ip_network(one) for one in ("::/96", "64:ff9b:1::/48", "fec0::/10"))
"""Networks of somebody's own, or of old, that ``ipaddress`` takes for global."""
METADATA = frozenset((ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("168.63.129.16")))


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the system's resolver gives them. Raises ``Unavailable``."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable(f"the host {host} has no address now") from error
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


def address_of(
    host: str, port: int, private: Collection[str] = (), resolve: Resolve = resolved
) -> str:
    """The address to connect to. ``private`` names hosts that may have a private or loopback one.

    Raises ``Unavailable``, which is not ``retryable`` for an address that is refused.
    """
    found = resolve(host, port)
    if not found:
        raise Unavailable(f"the host {host} has no address now")
    allowed = _reachable if host in private else _public
    if not all(allowed(_innermost(ipaddress.ip_address(one))) for one in found):
        raise Unavailable(f"the host {host} has an address that is not public", retryable=False)
    return found[0]


def _innermost(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.ip_address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _public(address: Address) -> bool:
    own = address in METADATA or any(address in network for network in OWN)
    return address.is_global and not address.is_multicast and not own


def _reachable(address: Address) -> bool:
    """What even a host that is vouched for may be: never where clouds give out credentials."""
    odd = address.is_link_local or address.is_multicast or address.is_unspecified
    return not odd and address not in METADATA
