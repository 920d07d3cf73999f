"""Addresses that an operator lets Loupe send to: encrypted, or within the operator's own network."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

_OWN = (".localhost", ".local", ".internal")
_CREDENTIALS = ("metadata", "metadata.google.internal")


def problem(url: str) -> str | None:
    """Why nothing is sent there, None when it may be. Nothing of the URL is repeated."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return "holds characters that a URL has to escape"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is no URL"
    return _of_parts(parts)


def _of_parts(parts: SplitResult) -> str | None:
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host:
        return "begins with https:// or http:// and a host"
    if parts.username is not None or parts.query or parts.fragment:
        return "has no user, no query and no fragment"
    if _link_local(host):
        return "is a link-local address, where machines keep their credentials"
    if parts.scheme == "http" and not _private(host):
        return "needs https:// outside of this machine and private networks"
    return None


def _private(host: str) -> bool:
    """Names without a dot are of a private network; a bare number is an address in disguise."""
    address = _address(host)
    if address is None:
        return host.endswith(_OWN) or ("." not in host and host[0].isalpha())
    return address.is_loopback or address.is_private


def _link_local(host: str) -> bool:
    address = _address(host)
    return host in _CREDENTIALS or (address is not None and address.is_link_local)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
