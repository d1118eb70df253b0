"""The chat page and the widget that shows it in other pages, as responses."""

import base64
import hashlib
import re
from collections.abc import Sequence
from importlib import resources

from starlette.responses import Response

_PAGE = resources.files("chatbot.cli.server") / "page"
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


def build_page(origins: Sequence[str]) -> Response:
    """The chat page, which may run its own script, ask its own server, and nothing else.

    Args:
        origins: Other sites that may show it in a frame.
    """
    text = (_PAGE / "chat.html").read_text(encoding="utf-8")
    digests = [hashlib.sha256(script.encode()).digest() for script in _SCRIPT.findall(text)]
    scripts = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    policy = [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        " ".join(["script-src", *scripts]),
        "connect-src 'self'",
        " ".join(["frame-ancestors", "'self'", *origins]),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return Response(text, headers={**_HEADERS, "Content-Security-Policy": "; ".join(policy)}, media_type="text/html")


def build_widget() -> Response:
    """The script that shows the chat page in a page of another site."""
    text = (_PAGE / "widget.js").read_text(encoding="utf-8")
    headers = {**_HEADERS, "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(text, headers=headers, media_type="text/javascript")
