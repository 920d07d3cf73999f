"""Webhooks: what is sent, what is believed of the answer, and which addresses are never asked."""

import hashlib
import hmac
import http.client
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from chalicelib.adapters import webhook
from chalicelib.adapters.public_address import address_of
from chalicelib.adapters.webhook import Webhook
from chalicelib.domain.errors import SettingsError, Unavailable
from chalicelib.ports.actions import Notice

KEY = b"0123456789abcdef0123456789abcdef"
NOW_MS = 1_780_000_000_123
NOTICE = Notice("n-1", "r", "Refund", 2, "c-1", "VOICE", NOW_MS, "ada", None, "Subject", "Look é")
PUBLIC = "93.184.215.14"


class Receiver:
    """An HTTP server of one answer, and the requests that it got."""

    def __init__(self, status=204, headers=(), hang=False) -> None:
        self.requests = []
        self.released = Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, self.headers, body))
                if hang:
                    receiver.released.wait(20)
                    return
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_):
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.asked = []
        Thread(target=self.server.serve_forever, daemon=True).start()

    def connect(self, address, host, port):
        """As ``Pinned``, without TLS, and to this server whatever the address."""
        self.asked.append((address, host, port))
        return http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=5)

    def close(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver(request):
    made = Receiver(**getattr(request, "param", {}))
    yield made
    made.close()


def sender(receiver, url="https://hooks.example/in?team=1", secret=KEY, **known):
    given = {"resolve": lambda host, port: [PUBLIC], "connect": receiver.connect, **known}
    return Webhook(url, lambda: secret, clock=lambda: NOW_MS, **given)


def test_a_notice_is_signed_over_time_and_body(receiver):
    sender(receiver).send(NOTICE)
    ((path, headers, body),) = receiver.requests
    stamp, told = headers["Loupe-Signature"].split(",")
    seconds = stamp.removeprefix("t=")
    expected = hmac.new(KEY, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert (path, seconds, told) == ("/in?team=1", "1780000000", f"v1={expected}")
    assert headers["Loupe-Notification-Id"] == "n-1"
    assert receiver.asked == [(PUBLIC, "hooks.example", 443)]
    assert json.loads(body) == {
        "id": "n-1",
        "ruleId": "r",
        "ruleName": "Refund",
        "ruleVersion": 2,
        "contactId": "c-1",
        "channel": "VOICE",
        "atMs": NOW_MS,
        "agentId": "ada",
        "queueId": None,
        "subject": "Subject",
        "content": "Look é",
    }


def test_what_is_sent_again_has_the_same_id_and_body(receiver):
    hook = sender(receiver)
    hook.send(NOTICE)
    hook.send(NOTICE)
    (_, one, first), (_, two, second) = receiver.requests
    assert first == second
    assert one["Loupe-Notification-Id"] == two["Loupe-Notification-Id"]


ANSWERS = {
    "a_redirect_is_not_followed": (
        {"status": 302, "headers": [("Location", "http://169.254.169.254/")]},
        False,
    ),
    "a_refusal_is_final": ({"status": 400}, False),
    "gone_is_final": ({"status": 410}, False),
    "too_many_requests_may_pass": ({"status": 429}, True),
    "a_failure_may_pass": ({"status": 503}, True),
}


@pytest.mark.parametrize(
    ("receiver", "again"), ANSWERS.values(), ids=ANSWERS, indirect=["receiver"]
)
def test_an_answer_that_is_no_success(receiver, again):
    with pytest.raises(Unavailable) as told:
        sender(receiver).send(NOTICE)
    assert told.value.retryable is again
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("receiver", [{"hang": True}], indirect=True)
def test_a_receiver_that_does_not_answer_is_cut_off(receiver):
    with pytest.raises(Unavailable) as told:
        sender(receiver, timeout_s=0.2).send(NOTICE)
    assert told.value.retryable


def test_nobody_there_may_pass():
    def refuse(*_):
        raise ConnectionRefusedError

    hook = Webhook(
        "https://hooks.example", lambda: KEY, clock=lambda: 0, resolve=lambda *_: [PUBLIC],
        connect=lambda *a: type("C", (), {"request": refuse, "close": lambda s: None, "sock": None})(),
    )  # fmt: skip
    with pytest.raises(Unavailable) as told:
        hook.send(NOTICE)
    assert told.value.retryable


def test_a_secret_that_can_be_guessed_signs_nothing(receiver):
    with pytest.raises(Unavailable, match="shorter than 32 bytes"):
        sender(receiver, secret=b"short\n").send(NOTICE)
    assert not receiver.requests


def test_an_address_that_is_refused_is_not_asked(receiver):
    with pytest.raises(Unavailable, match="not public"):
        sender(receiver, resolve=lambda *_: ["10.0.0.1"]).send(NOTICE)
    assert not receiver.asked


def test_a_name_is_resolved_once(receiver):
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    sender(receiver, resolve=lambda *_: next(answers)).send(NOTICE)
    assert receiver.asked == [(PUBLIC, "hooks.example", 443)]
    assert next(answers) == ["127.0.0.1"]


def test_a_pinned_connection_goes_to_the_address_and_not_to_the_name():
    receiver = Receiver()
    port = receiver.server.server_port
    try:
        with pytest.raises(OSError, match=r"(?i)ssl|wrong version|record layer"):
            webhook.Pinned("127.0.0.1", "no-such-host.invalid", port).connect()
    finally:
        receiver.close()


URLS = {
    "http": "http://hooks.example/",
    "a_user": "https://ada@hooks.example/",
    "a_password": "https://ada:x@hooks.example/",
    "a_fragment": "https://hooks.example/#a",
    "no_host": "https:///path",
    "a_port_that_is_none": "https://hooks.example:x/",
    "another_scheme": "file:///etc/passwd",
    "letters_that_look_alike": "https://hооks.example/",
}


@pytest.mark.parametrize("url", URLS.values(), ids=URLS)
def test_an_address_that_is_not_plain_https_stops_the_start(url):
    with pytest.raises(SettingsError, match="LOUPE_WEBHOOK_URL"):
        Webhook(url, lambda: KEY, clock=lambda: 0)


ADDRESSES = {  # address: (may be asked, may be asked when the host is vouched for)
    PUBLIC: (True, True),
    "2606:2800:220:1::1": (True, True),
    "10.1.2.3": (False, True),
    "172.16.0.1": (False, True),
    "192.168.0.1": (False, True),
    "127.0.0.1": (False, True),
    "127.9.9.9": (False, True),
    "100.64.0.1": (False, True),
    "::1": (False, True),
    "fd12::1": (False, True),
    "0.0.0.0": (False, False),
    "::": (False, False),
    "169.254.169.254": (False, False),
    "169.254.170.2": (False, False),
    "168.63.129.16": (False, False),
    "fec0::1": (False, True),
    "64:ff9b:1::a00:1": (False, True),
    "::a00:1": (False, True),
    "fd00:ec2::254": (False, False),
    "fe80::1": (False, False),
    "fe80::1%eth0": (False, False),
    "224.0.0.1": (False, False),
    "255.255.255.255": (False, True),
    "192.0.2.1": (False, True),
    "::ffff:10.0.0.1": (False, True),
    "::ffff:169.254.169.254": (False, False),
    "64:ff9b::a9fe:a9fe": (False, False),
    "64:ff9b::a00:1": (False, True),
    "2002:a9fe:a9fe::": (False, False),
    "2002:7f00:1::": (False, True),
}


@pytest.mark.parametrize(
    ("address", "public", "vouched"),
    [(address, *may) for address, may in ADDRESSES.items()],
    ids=ADDRESSES,
)
def test_which_addresses_may_be_asked(address, public, vouched):
    for private, may in (((), public), (("other",), public), (("h",), vouched)):
        if may:
            assert address_of("h", 443, private, lambda *_: [address]) == address
        else:
            with pytest.raises(Unavailable) as told:
                address_of("h", 443, private, lambda *_: [address])
            assert not told.value.retryable


def test_one_bad_address_among_good_ones_is_enough():
    with pytest.raises(Unavailable):
        address_of("h", 443, (), lambda *_: [PUBLIC, "10.0.0.1"])


def test_a_name_without_an_address_may_have_one_later():
    with pytest.raises(Unavailable) as told:
        address_of("h", 443, (), lambda *_: [])
    assert told.value.retryable


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "localhost"])
def test_other_spellings_of_this_machine_are_refused_by_what_they_resolve_to(host):
    with pytest.raises(Unavailable):
        address_of(host, 443)
