"""One HTML file around a body: styles and scripts within it, and a policy that allows no others.

Nothing is fetched. A browser runs and applies what the policy names by its hash, and nothing
else: markup that got into the page by some mistake of ours could neither run nor send anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from cli.views.page.markup import Html, element, join


def read(name: str) -> str:
    """One of the files beside this module."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def document(title: str, body: Html, *, style: str, script: str = "", data: Any = None) -> str:
    """The whole file.

    style  : the style sheet, drawings' rules among it
    script : JavaScript
    data   : what the script reads: plain data
    """
    policy = [
        "default-src 'none'",
        f"style-src {_hash(style)}",
        *([f"script-src {_hash(script)}"] if script else []),
        "base-uri 'none'",
        "form-action 'none'",
    ]
    head = join(
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content="; ".join(policy)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        _raw("style", style),
    )
    parts = [body]
    if data is not None:
        parts.append(_raw("script", _json(data), ' type="application/json" id="data"'))
    if script:
        parts.append(_raw("script", script))
    page = element("html", element("head", head), element("body", *parts), lang="en")
    return f"<!DOCTYPE html>\n{page}\n"


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _raw(tag: str, content: str, attributes: str = "") -> Html:
    """A style or script, in which HTML knows no escapes: it must not hold its own end."""
    assert "</" not in content, tag
    assert "<!--" not in content, tag
    return Html(f"<{tag}{attributes}>{content}</{tag}>")


def _json(data: Any) -> str:
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))  # ASCII, whatever the names
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
