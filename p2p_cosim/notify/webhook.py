"""The only module that talks HTTP to a receiver of alerts."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from pydantic import SecretStr
from requests.auth import AuthBase

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.errors import DeliveryError, InputError
from p2p_cosim.core.web import receiver_problem
from p2p_cosim.notify.courier import RefusedError, RejectedError, TryAgainError
from p2p_cosim.notify.notices import Notice
from p2p_cosim.notify.outbox import State

TOKEN_HEADER = "X-P2P-Token"  # noqa: S105 (a name, no secret)
TOKEN_VARIABLE = "P2P_ALERT_TOKEN"  # noqa: S105
STATE_HEADER = "X-P2P-Alert"
"""In which a receiver may say what it did: `accepted`, `repeat` or `shown`."""
CA_VARIABLE = "REQUESTS_CA_BUNDLE"
CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 3.0, 10.0

_BUSY = frozenset({408, 425, 429})
_REJECTED = frozenset({400, 413, 415, 422})
_STATES = {"repeat": State.KNOWN, "shown": State.SHOWN}


class Webhook(Brief):
    """Posts events as JSON to one address, with a token in a header.

    Verifies the certificate of https (`REQUESTS_CA_BUNDLE` names another authority), follows
    no redirect, uses no proxy and no `.netrc`: the token goes to this address or nowhere.
    The token appears in no message, repr or traceback.

    Raises InputError for an address that `receiver_problem` objects to, and for an authority
    that cannot be read.
    """

    def __init__(self, url: str, token: SecretStr) -> None:
        if problem := receiver_problem(url):
            raise InputError(f"notify.url {problem}")
        self.url = url
        self._auth = _HeaderToken(token)
        self._verify = _authority() if url.startswith("https") else True

    def post(self, notice: Notice) -> State:
        """Return what the receiver did, once it has acknowledged the notice with a 2xx.

        Raises TryAgainError, RejectedError or RefusedError, each naming what to do. None keeps
        the HTTP library's error as its cause, because that holds the request with its headers.
        """
        status, headers = self._answer(notice)
        if status // 100 == 2:
            return _STATES.get(headers.get(STATE_HEADER, "").lower(), State.HANDED_OVER)
        what = f"{self.url} answered {status}"
        if status in _BUSY or status >= 500:
            after_s = _asked_s(headers.get("Retry-After", ""), datetime.now(UTC))
            raise TryAgainError(f"{what}: see what the receiver reports", after_s)
        if status in _REJECTED:
            raise RejectedError(f"{what} to notice {notice.event_id}: it takes no such notice")
        raise RefusedError(f"{what}: {_remedy(status)}")

    def _answer(self, notice: Notice) -> tuple[int, Mapping[str, str]]:
        failure: DeliveryError
        try:
            with requests.Session() as session:
                session.trust_env = False
                response = session.post(
                    self.url,
                    data=notice.to_json().encode(),
                    headers={"Content-Type": "application/json"},
                    auth=self._auth,
                    timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                    allow_redirects=False,
                    verify=self._verify,
                    stream=True,  # the head says it all; a body of any size stays unread
                )
                return response.status_code, response.headers
        except requests.exceptions.SSLError as error:
            failure = _ssl_failure(self.url, str(error))
        except requests.exceptions.Timeout as error:
            failure = TryAgainError(f"{self.url} did not answer in time ({type(error).__name__})")
        except requests.exceptions.RequestException as error:
            failure = TryAgainError(f"{self.url} cannot be reached ({type(error).__name__})")
        raise failure


class _HeaderToken(AuthBase):
    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[TOKEN_HEADER] = self._token.get_secret_value()
        return request


def token_from_environment() -> SecretStr:
    """The receiver's token.

    Raises InputError if it is not set, or holds what no header may hold.
    """
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise InputError(
            f"{TOKEN_VARIABLE} is not set: put the receiver's token there, or set notify.sink "
            "to jsonl to keep alerts in the outbox"
        )
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise InputError(
            f"{TOKEN_VARIABLE} holds a space, line break or non-ASCII character: a header "
            "takes none of them, so set it anew"
        )
    return SecretStr(token)


def _authority() -> str | bool:
    """What certificates are verified with: that of the environment, or what comes with requests.

    Raises InputError if the environment names what holds no certificate.
    """
    named = os.environ.get(CA_VARIABLE)
    if not named:
        return True
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(**{"capath" if os.path.isdir(named) else "cafile": named})
    except (OSError, ValueError) as error:
        why = "holds no certificate" if isinstance(error, ssl.SSLError) else "cannot be read"
        raise InputError(
            f"{CA_VARIABLE} names {named!r}, which {why}: name the PEM file of the receiver's "
            "authority, or unset it"
        ) from None
    return named


def _asked_s(retry_after: str, now: datetime) -> float:
    """Seconds that a Retry-After asks for, in either of its forms (RFC 9110, 10.2.3); 0 for
    none, and for what is neither."""
    value = retry_after.strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    # "-0000" for an unknown zone gives a naive time, in UTC.
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


def _ssl_failure(url: str, reason: str) -> DeliveryError:
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return RefusedError(
            f"the certificate of {url} cannot be verified: renew it, or name its authority in "
            f"{CA_VARIABLE}"
        )
    return TryAgainError(f"{url} broke off the encrypted connection")


def _remedy(status: int) -> str:
    if status // 100 == 3:
        return "redirects are not followed, set notify.url to the final address"
    if status in (401, 403):
        return f"it knows another token, set {TOKEN_VARIABLE} to the one it was installed with"
    if status == 404:
        return "nothing listens there, publish the workflow and restart n8n, or mend notify.url"
    return "set notify.url to the receiver of alerts"
