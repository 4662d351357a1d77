"""The header that makes a browser save an object under the last part of its key. RFC 6266, RFC 8187."""

import re
import urllib.parse

# Written as escapes, so that nobody has to trust what an editor shows: control characters, marks that turn the direction of text around
# ("exe.fdp" would be read as "pdf.exe"), and what Windows does not allow.
UNSAFE = re.compile('[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069<>:"/\\\\|?*]')
WINDOWS_DEVICE = re.compile(r"^(?:con|prn|aux|nul|(?:com|lpt)[1-9¹²³])(?=\.|$)", re.IGNORECASE)
MAX_NAME_BYTES = 200


def content_disposition(key):
    """`filename` is for clients that read nothing else (curl), `filename*` for all others."""
    name = file_name(key)
    ascii_name = re.sub(r"[^\x20-\x7e]", "_", name)
    ascii_name = re.sub(r"%(?=[0-9a-fA-F]{2})", "_", ascii_name)
    quoted = urllib.parse.quote(name, safe="")
    # Double quotes around the Python string: within single ones the two quotes before the name would end it and send nothing.
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quoted}"


def file_name(key):
    parts = [part for part in key.split("/") if part]
    name = UNSAFE.sub("_", parts[-1] if parts else "")
    name = re.sub(r"^[. ]+", "_", name).rstrip(". ")
    name = WINDOWS_DEVICE.sub(r"_\g<0>", name)
    return shortened(name) or "download"


def shortened(name):
    """File systems hold 255 bytes. What goes is the end of the name before its extension."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    found = re.search(r"\.[\w-]{1,16}$", name, re.ASCII)
    extension = found.group() if found else ""
    stem = name[: len(name) - len(extension)].encode()[: MAX_NAME_BYTES - len(extension)]
    return stem.decode(errors="ignore") + extension
