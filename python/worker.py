"""A long-lived OpenCV worker: framed JSON on stdin, framed JSON on stdout, bulk data by file.

A frame is a 4-byte big-endian length and JSON. Requests hold `id` and `op`; answers hold the same
`id` and either `result` or `error`. Nothing else is ever written to stdout.
"""

import errno
import json
import os
import struct
import sys
from typing import Any, BinaryIO, Callable

# The real stdout carries frames alone; whatever a library prints goes to stderr.
_answers: BinaryIO = os.fdopen(os.dup(1), "wb", buffering=0)
os.dup2(2, 1)

import cv2  # noqa: E402

from errors import CorruptInput, OutOfRoom, TooComplex, WorkerError  # noqa: E402
from match import match  # noqa: E402
from resize import resize  # noqa: E402

OPERATIONS: dict[str, Callable[[dict[str, Any]], Any]] = {"match": match, "resize": resize}

OUT_OF_ROOM = (None, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE)


def read_frame(stream: BinaryIO) -> dict[str, Any] | None:
    """The next request, or None when the parent has closed the pipe."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    body = stream.read(length)
    return json.loads(body) if len(body) == length else None


def write_frame(message: dict[str, Any]) -> None:
    body = json.dumps(message, allow_nan=False).encode()
    _answers.write(struct.pack(">I", len(body)) + body)


def handle(request: dict[str, Any]) -> dict[str, Any]:
    """Runs one request; only what cannot be told as an error ends the process."""
    try:
        return {"id": request["id"], "result": OPERATIONS[request["op"]](request)}
    except WorkerError as error:
        return {"id": request["id"], "error": error.to_wire()}
    except OSError as error:
        # NumPy does not say why it wrote less than all.
        if error.errno not in OUT_OF_ROOM:
            raise
        print(f"files: {error}", file=sys.stderr)
        return {"id": request["id"], "error": OutOfRoom().to_wire()}
    except MemoryError:
        return {"id": request["id"], "error": TooComplex().to_wire()}
    except cv2.error as error:
        failure = TooComplex() if "Insufficient memory" in str(error) else CorruptInput()
        print(f"opencv: {error}", file=sys.stderr)
        return {"id": request["id"], "error": failure.to_wire()}


def main() -> None:
    cv2.setNumThreads(1)
    write_frame({"ready": True, "version": cv2.__version__})
    while (request := read_frame(sys.stdin.buffer)) is not None:
        write_frame(handle(request))


if __name__ == "__main__":
    main()
