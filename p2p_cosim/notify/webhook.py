"""The only module that talks HTTP to a receiver of alerts."""

from __future__ import annotations

import os

import requests
from pydantic import SecretStr
from requests.auth import AuthBase

from p2p_cosim.core.errors import DeliveryError, InputError
from p2p_cosim.core.web import receiver_problem
from p2p_cosim.notify.courier import RefusedError, RejectedError, TryAgainError
from p2p_cosim.notify.events import Event

TOKEN_HEADER = "X-P2P-Token"  # noqa: S105 (a name, no secret)
TOKEN_VARIABLE = "P2P_ALERT_TOKEN"  # noqa: S105
CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 3.0, 10.0

_BUSY = frozenset({408, 425, 429})
_REJECTED = frozenset({400, 413, 415, 422})


class Webhook:
    """Posts events as JSON to one address, with a token in a header.

    Verifies the certificate of https (`REQUESTS_CA_BUNDLE` names another authority), follows
    no redirect, uses no proxy and no `.netrc`: the token goes to this address or nowhere.
    The token appears in no message, repr or traceback.

    Raises InputError for an address that `receiver_problem` objects to.
    """

    def __init__(self, url: str, token: SecretStr) -> None:
        if problem := receiver_problem(url):
            raise InputError(f"notify.url {problem}")
        self.url = url
        self._auth = _HeaderToken(token)
        self._verify: str | bool = os.environ.get("REQUESTS_CA_BUNDLE") or True

    def post(self, event: Event) -> None:
        """Return once the receiver has acknowledged the event with a 2xx.

        Raises TryAgainError, RejectedError or RefusedError, each naming what to do. None keeps
        the HTTP library's error as its cause, because that holds the request with its headers.
        """
        status = self._status(event)
        if status // 100 == 2:
            return
        what = f"{self.url} answered {status}"
        if status in _BUSY or status >= 500:
            raise TryAgainError(f"{what}: see what the receiver reports")
        if status in _REJECTED:
            raise RejectedError(f"{what} to event {event.event_id}: it takes no such event")
        raise RefusedError(f"{what}: {_remedy(status)}")

    def _status(self, event: Event) -> int:
        failure: DeliveryError
        try:
            with requests.Session() as session:
                session.trust_env = False
                response = session.post(
                    self.url,
                    data=event.model_dump_json().encode(),
                    headers={"Content-Type": "application/json"},
                    auth=self._auth,
                    timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                    allow_redirects=False,
                    verify=self._verify,
                    stream=True,  # the status says it all; a body of any size stays unread
                )
                return response.status_code
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


def _ssl_failure(url: str, reason: str) -> DeliveryError:
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return RefusedError(
            f"the certificate of {url} cannot be verified: renew it, or name its authority in "
            "REQUESTS_CA_BUNDLE"
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
