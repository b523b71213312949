"""The files of the pages, as browsers ask for them."""

import gzip

import pytest

from p2p_cosim.dapp.app import STATIC

PLAIN = {"Accept-Encoding": "identity"}


@pytest.mark.parametrize(
    ("path", "name", "kind"),
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/js/main.js", "js/main.js", "text/javascript; charset=utf-8"),
        ("/css/base.css", "css/base.css", "text/css; charset=utf-8"),
        ("/icon.svg", "icon.svg", "image/svg+xml"),
    ],
)
def test_a_file_comes_as_it_is_or_packed_and_is_known_again(client, path, name, kind):
    body = (STATIC / name).read_bytes()
    plain = client.get(path, headers=PLAIN)
    assert (plain.content, plain.headers["content-type"]) == (body, kind)
    assert "content-encoding" not in plain.headers
    packed = client.get(path)
    assert (packed.content, packed.headers["content-encoding"]) == (body, "gzip")
    assert int(packed.headers["content-length"]) == len(gzip.compress(body, mtime=0))
    again = client.get(path, headers={"If-None-Match": packed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "default-src 'self'" in again.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/nothing.js", "/js", "/js/", "/../app.py", "/%2e%2e/app.py", "//etc/passwd"]
)
def test_there_is_nothing_else(client, path):
    assert client.get(path).status_code == 404


def test_files_can_only_be_read(client):
    answer = client.post("/js/main.js", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert client.head("/js/main.js").content == b""
