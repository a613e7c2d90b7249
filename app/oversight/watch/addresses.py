"""Which IP addresses are hosts of the public internet.

The blocks are those of the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and
its updates; https://www.iana.org/assignments/iana-ipv4-special-registry and
https://www.iana.org/assignments/iana-ipv6-special-registry), and the multicast and reserved space
of the address families. Beyond them are addresses at which a cloud's own services answer its
machines; most of these, such as 169.254.169.254, are in a special block already.
"""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private use
        "100.64.0.0/10",  # shared address space; 100.100.100.200 is a cloud's metadata
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link local; 169.254.169.254 is most clouds' metadata
        "172.16.0.0/12",  # private use
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is a cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # anycast of 6to4 relays, deprecated
        "192.168.0.0/16",  # private use
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and limited broadcast
        "168.63.129.16/32",  # a cloud's own services (Azure)
    )
)
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # the only space that IANA allocates from
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments: Teredo 2001::/32, ORCHID, benchmarks, AMT and others
        "2001:db8::/32",  # documentation
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def is_public(address: Address) -> bool:
    """Whether the address is a host's on the public internet.

    Of IPv6 only global unicast counts, so neither private, local and mapped addresses nor those
    that NAT64 translates (64:ff9b::/96). A 6to4 address (2002::/16) counts as the IPv4 address in
    it does.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in block for block in _NOT_PUBLIC_4)
    if address not in _GLOBAL_UNICAST or any(address in block for block in _NOT_PUBLIC_6):
        return False
    return address.sixtofour is None or is_public(address.sixtofour)
