"""Pages ask the API for files in their own language."""

from __future__ import annotations

import asyncio

import httpx
from fastapi import FastAPI, Request
from starlette.responses import Response

from app.gateway.downloads import PDF, spoken
from app.gateway.languages import SPEAKS
from app.pages.api import Api, passed_on
from app.pages.languages import CHINESE, ENGLISH, current

app = FastAPI()


@app.get("/file", dependencies=[SPEAKS])
async def file(request: Request) -> Response:
    return spoken(request.headers["accept-language"], kind=PDF, name="a.pdf")


def downloaded(language: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        current.set(language)
        return await Api(app, None, address="127.0.0.1").download("/file", format="pdf")

    return asyncio.run(ask())


def test_a_page_downloads_a_file_in_its_own_language() -> None:
    for language in (CHINESE, ENGLISH):
        answer = downloaded(language)
        assert answer.text == language
        assert answer.headers["content-language"] == language
        own = passed_on(answer)
        assert own.headers["content-language"] == language
        assert own.headers["content-disposition"] == 'attachment; filename="a.pdf"'
        assert own.media_type == PDF
