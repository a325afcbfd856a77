"""What all sessions share: addresses of files and streams, and who may ask for them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import config

from ui import server


@pytest.fixture
def _under_lab() -> Iterator[None]:
    """The server serves under a path."""
    before = st.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", "/lab/")
    server.asset_url.cache_clear()
    yield
    config.set_option("server.baseUrlPath", before)
    server.asset_url.cache_clear()


@pytest.mark.parametrize("name", server.ASSETS)
def test_an_asset_is_served_at_its_address_and_may_be_kept_for_ever(name: str) -> None:
    with TestClient(Starlette(routes=server.routes())) as client:
        answer = client.get(server.asset_url(name))
    assert answer.status_code == 200
    assert answer.content == server.ASSETS[name].read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    assert answer.headers["content-type"].startswith(kind)


def test_every_module_that_the_panel_imports_is_an_asset() -> None:
    imported = {
        name
        for path in server.ASSETS.values()
        if path.name != "plotly.min.js" and path.suffix == ".js"
        for name in re.findall(r'from "\./([^"]+)"', path.read_text())
    }
    assert imported
    assert imported <= set(server.ASSETS)
    assert {"live_panel.js", "live_panel.css", "plotly.min.js"} <= set(server.ASSETS)


@pytest.mark.usefixtures("_under_lab")
def test_everything_lies_under_the_servers_path() -> None:
    assert server.base_path() == "/lab"
    assert server.stream_url("token") == "/lab/live/token/frames"
    address = server.asset_url("live_panel.js")
    assert address.startswith("/lab/live/assets/")
    with TestClient(Starlette(routes=server.routes())) as client:
        assert client.get(address).status_code == 200
        assert client.get(address.removeprefix("/lab")).status_code == 404


def test_without_a_path_addresses_begin_at_the_root() -> None:
    assert server.base_path() == ""
    assert server.stream_url("token") == "/live/token/frames"


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),  # no browser's page: a script, or the page itself
        ("http://localhost:8501", True),
        ("https://evil.example", False),
        ("http://localhost.evil.example:8501", False),
        ("https://evil.example/localhost:8501", False),
        ("null", False),
    ],
)
def test_only_the_own_origin_comes_in(origin: str | None, allowed: bool) -> None:
    assert asyncio.run(server.origin_allowed(origin, "localhost:8501")) is allowed


def test_a_foreign_page_is_refused_before_its_token_is_looked_at() -> None:
    with TestClient(Starlette(routes=server.routes()), base_url="http://localhost:8501") as client:
        answer = client.get("/live/any/frames", headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
