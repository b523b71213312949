"""The webhook against receivers that do not behave."""

import logging
import ssl
import traceback
from datetime import UTC, datetime

import pytest
import trustme
from pydantic import SecretStr

from p2p_cosim.core.errors import DeliveryError, InputError
from p2p_cosim.notify import webhook as module
from p2p_cosim.notify.courier import RefusedError, RejectedError, TryAgainError
from p2p_cosim.notify.webhook import Webhook, token_from_environment


@pytest.mark.parametrize("status", [200, 202, 204])
def test_an_acknowledgement_is_any_2xx_and_the_token_travels_in_its_header(
    receiver, token, notice, status
):
    server = receiver(status)
    Webhook(server.url, token).post(notice(1))
    assert server.arrived == [notice(1).event_id]
    assert server.tokens == [token.get_secret_value()]


@pytest.mark.parametrize(
    ("status", "error", "remedy"),
    [
        (500, TryAgainError, "see what the receiver reports"),
        (503, TryAgainError, "see what the receiver reports"),
        (429, TryAgainError, "see what the receiver reports"),
        (400, RejectedError, "takes no such notice"),
        (413, RejectedError, "takes no such notice"),
        (401, RefusedError, "P2P_ALERT_TOKEN"),
        (403, RefusedError, "P2P_ALERT_TOKEN"),
        (404, RefusedError, "publish the workflow and restart n8n"),
        (405, RefusedError, r"notify\.url"),
    ],
)
def test_every_answer_says_what_to_do(receiver, token, notice, status, error, remedy):
    with pytest.raises(error, match=f"answered {status}.*{remedy}"):
        Webhook(receiver(status).url, token).post(notice(1))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused_and_the_other_host_gets_nothing(
    receiver, token, notice, response_of, status
):
    other = receiver(200)
    answer = response_of(status, f"Location: {other.url}")
    with pytest.raises(RefusedError, match="redirects are not followed"):
        Webhook(receiver(answer).url, token).post(notice(1))
    assert other.arrived == []


def test_a_receiver_that_is_not_there_may_be_there_later(receiver, token, notice):
    server = receiver(200)
    server.close()
    with pytest.raises(TryAgainError, match="cannot be reached"):
        Webhook(server.url, token).post(notice(1))


def test_a_receiver_that_keeps_silent_is_given_up_in_time(receiver, token, notice, monkeypatch):
    monkeypatch.setattr(module, "READ_TIMEOUT_S", 0.2)
    with pytest.raises(TryAgainError, match="did not answer in time"):
        Webhook(receiver("hang").url, token).post(notice(1))


@pytest.mark.parametrize("answer", ["drop", b"nonsense\r\n\r\n", b"HTTP/1.1 "])
def test_a_connection_that_breaks_is_no_acknowledgement(receiver, token, notice, answer):
    with pytest.raises(TryAgainError):
        Webhook(receiver(answer).url, token).post(notice(1))


def test_a_second_answer_is_not_listened_to(receiver, token, notice, response_of):
    server = receiver(response_of(202) + response_of(500))
    webhook = Webhook(server.url, token)
    webhook.post(notice(1))
    webhook.post(notice(2))
    assert server.arrived == [notice(1).event_id, notice(2).event_id]


def test_an_endless_answer_is_not_read(receiver, token, notice):
    server = receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\nx")
    Webhook(server.url, token).post(notice(1))


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def secure(receiver, authority):
    """A receiver with a certificate of that authority for the given host."""

    def make(host):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(context)
        return receiver(200, context=context)

    return make


def test_a_certificate_of_nobody_known_is_refused(secure, token, notice):
    server = secure("127.0.0.1")
    with pytest.raises(RefusedError, match=r"certificate of .* cannot be verified"):
        Webhook(server.url, token).post(notice(1))
    assert server.arrived == []


def test_a_certificate_of_a_named_authority_is_for_its_host_alone(
    secure, authority, token, notice, tmp_path, monkeypatch
):
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    good = secure("127.0.0.1")
    Webhook(good.url, token).post(notice(1))
    assert good.arrived == [notice(1).event_id]
    other = secure("example.org")
    with pytest.raises(RefusedError, match="cannot be verified"):
        Webhook(other.url, token).post(notice(1))
    assert other.arrived == []


def test_a_proxy_or_netrc_of_the_environment_gets_nothing(
    receiver, token, notice, tmp_path, monkeypatch
):
    proxy, server = receiver(200), receiver(200)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    Webhook(server.url, token).post(notice(1))
    assert (proxy.arrived, len(server.arrived)) == ([], 1)


@pytest.mark.parametrize(
    "url",
    [
        "http://alerts.example.org/hook",
        "https://user:hunter2@example.org/hook",
        "https://example.org/hook?key=hunter2",
        "ftp://example.org/hook",
        "https:///hook",
        "https://example.org:port/hook",
        "127.0.0.1:5678/hook",
    ],
)
def test_an_address_that_would_give_a_secret_away_is_refused_and_not_repeated(token, url):
    with pytest.raises(InputError) as caught:
        Webhook(url, token)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("value", ["", "two words", "line\nbreak", "schlüssel"])
def test_a_token_that_no_header_takes_is_refused_and_not_repeated(monkeypatch, value):
    monkeypatch.setenv("P2P_ALERT_TOKEN", value)
    with pytest.raises(InputError, match="P2P_ALERT_TOKEN") as caught:
        token_from_environment()
    assert not value or value not in str(caught.value)


@pytest.mark.parametrize("answer", [403, 500, "drop", "hang"])
def test_the_token_is_in_no_traceback_cause_or_log(
    receiver, notice, answer, monkeypatch, caplog, capsys
):
    monkeypatch.setattr(module, "READ_TIMEOUT_S", 0.2)
    secret = "tok-very-secret-1"  # noqa: S105
    webhook = Webhook(receiver(answer).url, SecretStr(secret))
    with caplog.at_level(logging.DEBUG), pytest.raises(DeliveryError) as caught:
        webhook.post(notice(1))
    error = caught.value
    frames = error.__traceback__.tb_next  # without this test, which knows the secret
    told = "".join(
        traceback.TracebackException(type(error), error, frames, capture_locals=True).format()
    )
    assert error.__cause__ is None
    assert error.__context__ is None
    output = capsys.readouterr()
    for text in (told, repr(webhook), repr(vars(webhook)), caplog.text, output.out, output.err):
        assert secret not in text


NOW = datetime(2024, 6, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("8", 8.0),
        (" 120 ", 120.0),
        ("Fri, 21 Jun 2024 12:00:30 GMT", 30.0),
        ("Fri, 21 Jun 2024 14:01:00 +0200", 60.0),
        ("Friday, 21-Jun-24 12:00:30 GMT", 30.0),
        ("Fri, 21 Jun 2024 11:00:00 GMT", 0.0),  # over
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("9" * 400, 999999999.0),
    ],
)
def test_retry_after_in_both_of_its_forms(value, seconds):
    assert module._asked_s(value, NOW) == seconds


@pytest.mark.parametrize("status", [429, 503])
def test_what_a_busy_receiver_asks_for_is_handed_on(receiver, token, notice, response_of, status):
    server = receiver(response_of(status, "Retry-After: 8"))
    with pytest.raises(TryAgainError) as caught:
        Webhook(server.url, token).post(notice(1))
    assert caught.value.after_s == 8.0


@pytest.mark.parametrize("content", [None, "no certificate at all"])
def test_an_authority_that_cannot_be_read_is_told_before_anything_is_sent(
    token, tmp_path, monkeypatch, content
):
    bundle = tmp_path / "authority.pem"
    if content:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with pytest.raises(InputError, match=r"REQUESTS_CA_BUNDLE names '.*authority\.pem'") as caught:
        Webhook("https://example.org/hook", token)
    assert "\n" not in str(caught.value)
    Webhook("http://127.0.0.1:9/hook", token)  # needs none
