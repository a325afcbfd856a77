"""Links to this app, as the browser that asks would reach it."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import streamlit as st

_LOCAL = "http://localhost:8501"  # where nobody knows the browser's address, as in tests


def link_to_this_page(query: str) -> str:
    """Return the address of the present page with another query, under the host and path by which it was opened."""
    url = urlsplit(st.context.url or _LOCAL)
    return url._replace(path=url.path or "/", query=query, fragment="").geturl()


def is_of_this_machine_only(link: str) -> bool:
    """Return whether a link leads another machine to itself.

    >>> is_of_this_machine_only("http://localhost:8501/"), is_of_this_machine_only("http://192.168.1.7:8501/")
    (True, False)
    """
    host = urlsplit(link).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
