"""Takes the invoice out of a PDF, as a program of its own: bytes in, XML out.

A PDF is a program that its sender wrote for our reader. It is run where it can spend only so much
memory and time, and where no secret of the gateway is.

Exit codes: 0 the XML is on standard output; 2 refused, with one of `REFUSALS` on standard output.
"""

from __future__ import annotations

import io
import logging
import resource
import sys

import pypdf
from pypdf.errors import LimitReachedError

# Under these names Factur-X, ZUGFeRD 2 and XRechnung put their invoice.
NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
MEMORY_BYTES = 768 * 2**20
SECONDS = 10
_MOST_ATTACHMENTS = 1_000
BOMB, MALFORMED, NONE, SEVERAL = "bomb", "malformed", "none", "several"
REFUSALS = (BOMB, MALFORMED, NONE, SEVERAL)


class _Encrypted(Exception):
    """It needs a password."""


def attachments(data: bytes) -> set[bytes]:
    """The different invoices in a PDF; it stops at the second."""
    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise _Encrypted
    found: set[bytes] = set()
    for index, attachment in enumerate(reader.attachment_list):
        if index >= _MOST_ATTACHMENTS:
            raise LimitReachedError("too many attachments")
        names = {str(attachment.name).lower(), str(attachment.alternative_name).lower()}
        if names & set(NAMES):
            found.add(bytes(attachment.content))
        if len(found) > 1:
            break
    return found


def _confine(limit_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    pypdf.overwrite_configuration(
        array_based_stream_maximum_output_length=limit_bytes,
        brotli_maximum_output_length=limit_bytes,
        jbig2_maximum_output_length=limit_bytes,
        lzw_maximum_output_length=limit_bytes,
        maximum_declared_stream_length=limit_bytes,
        run_length_maximum_output_length=limit_bytes,
        stream_decoding_work_maximum_length=4 * limit_bytes,
        zlib_maximum_output_length=limit_bytes,
    )
    # What is odd about a stranger's PDF is told to the stranger, not to our log.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def main() -> int:
    """Reads standard input; the argument is the most bytes that anything may unfold to."""
    _confine(int(sys.argv[1]))
    try:
        found = attachments(sys.stdin.buffer.read())
    except (LimitReachedError, MemoryError):
        refusal = BOMB
    except Exception:
        # The library raises whatever a broken file makes it stumble over; it is all one to the
        # sender.
        refusal = MALFORMED
    else:
        if len(found) == 1:
            sys.stdout.buffer.write(found.pop())
            return 0
        refusal = SEVERAL if found else NONE
    sys.stdout.write(refusal)
    return 2


if __name__ == "__main__":
    sys.exit(main())
