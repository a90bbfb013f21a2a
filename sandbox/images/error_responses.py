"""Error responses: two formats of the image API, two of the provider behind it, and a proxy's HTML."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

PATH = "/v1/images/generations"
_TIMESTAMP = "2026-11-23T12:00:00.000Z"
_REQUEST_ID = "5f0f2d3c-look-alike"


def plain(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """The older format, whose `statusCode` is a string."""
    body = {
        "message": message,
        "path": PATH,
        "requestId": _REQUEST_ID,
        "statusCode": str(status),
        "timestamp": _TIMESTAMP,
    }
    return web.json_response(body, status=status, headers=headers)


def problem(status: int, title: str, message: str) -> web.Response:
    """The newer format, `application/problem+json`."""
    body = {
        "title": title,
        "status": status,
        "message": message,
        "instance": PATH,
        "requestId": _REQUEST_ID,
        "timestamp": _TIMESTAMP,
        "error": {"name": f"{title.replace(' ', '')}Exception", "message": message},
    }
    return web.json_response(body, status=status, content_type="application/problem+json")


def upstream(status: int, message: str, code: str | None = None, **more: object) -> web.Response:
    """xAI's long format, which is OpenAI's; `more` stands in its `error` as well."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code, **more}
    return web.json_response({"error": error}, status=status)


def upstream_short(status: int, code: str, error: str) -> web.Response:
    """xAI's short format."""
    return web.json_response({"code": code, "error": error}, status=status)


def html(status: int, title: str) -> web.Response:
    """What a proxy answers in the API's place."""
    page = f"<!doctype html><html><head><title>{status} {title}</title></head><body><h1>{title}</h1></body></html>"
    return web.Response(status=status, text=page, content_type="text/html")


def broken_json(status: int) -> web.Response:
    """JSON that stops in the middle of a word, with a Content-Length that agrees."""
    return web.Response(
        status=status, body=json.dumps({"data": [{"url": None}]})[:14], content_type="application/json"
    )
