"""Relays objects of an S3 bucket over HTTP, piece by piece."""

import os
import re
import urllib.parse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import StreamingResponse

from content_disposition import content_disposition

# Passed on as S3 sends them. With Content-Length everyone notices a body that breaks off, API Gateway and the client included.
OBJECT_HEADERS = (
    "Content-Type",
    "Content-Length",
    "Content-Encoding",
    "Content-Range",
    "ETag",
    "Last-Modified",
)

# As long as API Gateway waits for a silent stream.
TIMEOUT = httpx.Timeout(300, connect=5)


@asynccontextmanager
async def lifespan(app: FastAPI):
    # One client for all requests: it keeps its connections. What S3 stores is passed on as it is, so nothing may be unpacked on the way.
    async with httpx.AsyncClient(
        timeout=TIMEOUT, follow_redirects=True, headers={"Accept-Encoding": "identity"}
    ) as app.state.client:
        yield


app = FastAPI(lifespan=lifespan, openapi_url=None)


@app.get("/")
async def ready() -> str:
    """The adapter asks here until the app is ready."""
    return "Ready."


def object_key(request: Request) -> str:
    # FastAPI's own path parameter is decoded leniently: bytes that are no UTF-8 would name another object.
    encoded = request.scope["raw_path"].decode("ascii", errors="surrogateescape").removeprefix("/download/")
    try:
        return urllib.parse.unquote(encoded, errors="strict")
    except UnicodeError:
        raise HTTPException(400, "The path is not valid percent-encoded UTF-8.") from None


Key = Annotated[str, Depends(object_key)]


async def stored_object(request: Request, key: Key) -> AsyncIterator[httpx.Response]:
    """S3's answer, with its body still to come. It stays open until ours has been sent."""
    client = request.app.state.client
    wanted = client.build_request(request.method, object_url(key), headers=range_header(request))
    try:
        upstream = await client.send(wanted, stream=True)
    except httpx.TimeoutException as error:
        raise HTTPException(504, "S3 did not answer in time.") from error
    except httpx.HTTPError as error:
        print(f"{key!r}: {error!r}")
        raise HTTPException(502, "S3 could not be read.") from error
    try:
        check_status(key, upstream)
        yield upstream
    finally:
        await upstream.aclose()


StoredObject = Annotated[httpx.Response, Depends(stored_object)]


@app.api_route("/download/{key:path}", methods=["GET", "HEAD"])
async def download(request: Request, key: Key, upstream: StoredObject) -> Response:
    headers = {name: upstream.headers[name] for name in OBJECT_HEADERS if name in upstream.headers}
    headers["Content-Disposition"] = content_disposition(key)
    headers["Accept-Ranges"] = "bytes"
    headers["X-Content-Type-Options"] = "nosniff"
    if request.method == "HEAD":
        return Response(status_code=upstream.status_code, headers=headers)
    # If S3 breaks off, aiter_raw() raises; uvicorn then closes the connection, which says that the body is not whole.
    return StreamingResponse(upstream.aiter_raw(), status_code=upstream.status_code, headers=headers)


def check_status(key: str, upstream: httpx.Response) -> None:
    status = upstream.status_code
    if status in (200, 206):
        return
    print(f"{key!r}: S3 answered {status} {upstream.reason_phrase}")
    if status in (403, 404):
        # Who may not list the bucket learns nothing from S3: a missing object is a 403 to them, too.
        raise HTTPException(404, "There is no such object, or it is not public.")
    if status == 416:
        content_range = upstream.headers.get("Content-Range")
        headers = None if content_range is None else {"Content-Range": content_range}
        raise HTTPException(416, "No byte of the object is in the range.", headers)
    if status == 400:
        raise HTTPException(400, "S3 does not accept this key.")
    raise HTTPException(502, "S3 could not be read.")


def range_header(request: Request) -> dict[str, str]:
    # S3 knows no If-Range; the whole object is always a right answer to it. One range is enough for whoever goes on with a download.
    wanted = request.headers.get("Range", "")
    is_single = re.fullmatch(r"bytes=(\d+-\d*|-\d+)", wanted)
    return {"Range": wanted} if is_single and "If-Range" not in request.headers else {}


def object_url(key: str) -> str:
    bucket = os.environ["BUCKET_NAME"]
    # httpx takes a part that is ".." for a way up, to another bucket.
    path = "/".join("%2E" * len(part) if part in (".", "..") else urllib.parse.quote(part, safe="~") for part in key.split("/"))
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3")
    if endpoint:
        return f"{endpoint}/{bucket}/{path}"
    return f"https://{bucket}.s3.{os.environ['AWS_REGION']}.amazonaws.com/{path}"
