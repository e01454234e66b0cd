"""How often somebody may call, and who that is behind proxies."""

from ipaddress import ip_address

import pytest
from aiohttp.test_utils import make_mocked_request

from appservice.web.diary_page.callers import Callers, accepted_language
from appservice.web.diary_page.limiting import RateLimit


def test_a_caller_may_call_a_burst_at_once_and_then_as_time_goes_by() -> None:
    limit = RateLimit(burst=3, every_s=2.0)
    assert [limit.wait_s("a", 100.0) for _each in range(5)] == [0, 0, 0, 2, 2]
    assert limit.wait_s("b", 100.0) == 0
    assert [limit.wait_s("a", 102.0) for _each in range(2)] == [0, 2]
    assert [limit.wait_s("a", 1000.0) for _each in range(4)] == [0, 0, 0, 2]


@pytest.mark.parametrize(
    ("hops", "proxies", "caller"),
    [
        ("198.51.100.7", ["127.0.0.1"], "198.51.100.7"),
        ("198.51.100.7, 10.0.0.1", ["127.0.0.1", "10.0.0.1"], "198.51.100.7"),
        # What the caller itself wrote in front of it counts for nothing.
        ("203.0.113.1, 198.51.100.7", ["127.0.0.1"], "198.51.100.7"),
        ("198.51.100.7", [], "127.0.0.1"),
        ("nonsense", ["127.0.0.1"], "127.0.0.1"),
        ("", ["127.0.0.1"], "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", ["127.0.0.1"], "2001:0db8:0001:0002::/64"),
    ],
)
def test_behind_our_proxies_the_caller_is_the_last_that_is_none_of_them(
    hops: str, proxies: list[str], caller: str
) -> None:
    callers = Callers([ip_address(each) for each in proxies])
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": hops})
    assert callers.of(request.clone(remote="127.0.0.1")) == caller


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en-GB,ru;q=0.5", "en"),
        ("de,en;q=0.5", "en"),
        ("de", None),
        ("", None),
    ],
)
def test_the_browser_is_answered_in_the_first_language_of_its_that_we_speak(
    header: str, language: str | None
) -> None:
    request = make_mocked_request("GET", "/", headers={"Accept-Language": header})
    assert accepted_language(request) == language
