"""Which addresses count as what."""

from ipaddress import ip_address

import pytest

from mcp_servers.outside.addresses import Reach, reach_of

PRIVATE = [
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.8.8.8", "172.16.0.1", "172.31.255.254"),
    *("192.0.0.192", "192.0.2.1", "192.168.1.1", "198.18.0.1", "203.0.113.9", "240.0.0.1"),
    *("::", "::1", "fc00::1", "fd00:ec2::254", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "::127.0.0.1"),
    *("::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:7f00:1::", "2002:c0a8:101::1"),
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
]
NEVER = [
    *("169.254.169.254", "224.0.0.1", "255.255.255.255", "168.63.129.16", "fe80::1", "ff02::1"),
    *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_the_internet_does_not_route_is_private(address: str) -> None:
    assert reach_of(ip_address(address)) is Reach.PRIVATE


@pytest.mark.parametrize("address", NEVER)
def test_what_no_server_is_at_is_never_allowed(address: str) -> None:
    assert reach_of(ip_address(address)) is Reach.NEVER


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]
)
def test_what_everybody_reaches_is_public(address: str) -> None:
    assert reach_of(ip_address(address)) is Reach.PUBLIC
