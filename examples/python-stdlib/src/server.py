"""Relays objects of an S3 bucket over HTTP, piece by piece. The standard library is all it needs."""

import http.client
import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from content_disposition import content_disposition

PREFIX = "/download/"
PIECE_BYTES = 256 * 1024

# As long as API Gateway waits for a silent stream.
UPSTREAM_TIMEOUT_S = 300

# Passed on as S3 sends them. With Content-Length everyone notices a body that breaks off, API Gateway and the client included.
OBJECT_HEADERS = (
    "Content-Type",
    "Content-Length",
    "Content-Encoding",
    "Content-Range",
    "ETag",
    "Last-Modified",
)


class DownloadHandler(BaseHTTPRequestHandler):
    # Keeps the connection to the adapter. It obliges every answer to say how long it is.
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path == "/":
            # The adapter asks here until the server is ready.
            return self.answer(200, "Ready.")
        if not path.startswith(PREFIX):
            return self.answer(404, f"Objects are below {PREFIX}.")
        try:
            key = urllib.parse.unquote(path[len(PREFIX) :], errors="strict")
        except UnicodeDecodeError:
            return self.answer(400, "The path is not valid percent-encoded UTF-8.")
        self.relay(key)

    do_HEAD = do_GET

    def relay(self, key):
        request = urllib.request.Request(object_url(key), headers=self.range_header(), method=self.command)
        try:
            upstream = urllib.request.urlopen(request, timeout=UPSTREAM_TIMEOUT_S)
        except urllib.error.HTTPError as error:
            with error:
                return self.upstream_failure(key, error)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            print(f"{key!r}: {reason}")
            if isinstance(reason, TimeoutError):
                return self.answer(504, "S3 did not answer in time.")
            return self.answer(502, "S3 could not be read.")
        with upstream:
            self.send_object_head(key, upstream)
            if self.command == "GET":
                self.send_body(key, upstream)

    def send_object_head(self, key, upstream):
        self.send_response(upstream.status)
        for name in OBJECT_HEADERS:
            value = upstream.headers.get(name)
            if value is not None:
                self.send_header(name, value)
        self.send_header("Content-Disposition", content_disposition(key))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()

    def send_body(self, key, upstream):
        missing_bytes = int(upstream.headers["Content-Length"])
        try:
            # read1() gives what is there; read() would wait until the piece is full.
            while piece := upstream.read1(PIECE_BYTES):
                self.wfile.write(piece)
                missing_bytes -= len(piece)
        except (OSError, http.client.HTTPException) as error:
            print(f"{key!r}: broken off: {error}")
        if missing_bytes:
            # Too late for an error code: the closed connection says that the body is not whole. urllib itself takes an early end for an end.
            print(f"{key!r}: {missing_bytes} bytes did not come")
            self.close_connection = True

    def upstream_failure(self, key, error):
        print(f"{key!r}: S3 answered {error.code} {error.reason}")
        if error.code in (403, 404):
            # Who may not list the bucket learns nothing from S3: a missing object is a 403 to them, too.
            return self.answer(404, "There is no such object, or it is not public.")
        if error.code == 416:
            return self.answer(416, "No byte of the object is in the range.", error.headers.get("Content-Range"))
        if error.code == 400:
            return self.answer(400, "S3 does not accept this key.")
        self.answer(502, "S3 could not be read.")

    def range_header(self):
        # S3 knows no If-Range; the whole object is always a right answer to it. One range is enough for whoever goes on with a download.
        wanted = self.headers.get("Range", "")
        is_single = re.fullmatch(r"bytes=(\d+-\d*|-\d+)", wanted)
        return {"Range": wanted} if is_single and "If-Range" not in self.headers else {}

    def answer(self, status, message, content_range=None):
        body = json.dumps({"message": message}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if content_range is not None:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        """Lambda's log has a line for each invocation already."""


def object_url(key):
    bucket = os.environ["BUCKET_NAME"]
    path = urllib.parse.quote(key, safe="/~")
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3")
    if endpoint:
        return f"{endpoint}/{bucket}/{path}"
    return f"https://{bucket}.s3.{os.environ['AWS_REGION']}.amazonaws.com/{path}"


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), DownloadHandler).serve_forever()
