"""Every failure that a worker reports; the codes are those of the public error table."""

from typing import Any


class WorkerError(Exception):
    """A failure that the caller can act on."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details

    def to_wire(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "details": self.details}


class CorruptInput(WorkerError):
    def __init__(self) -> None:
        super().__init__("corrupt_input", "The image is damaged and cannot be read.")


class TargetUnreachable(WorkerError):
    def __init__(self, max_bytes: int, reached: int) -> None:
        super().__init__(
            "target_unreachable",
            f"The image does not fit into {max_bytes} bytes; the smallest result has {reached}.",
            param="max_bytes",
            extra={"reached_bytes": reached},
        )


class OutOfRoom(WorkerError):
    def __init__(self) -> None:
        super().__init__(
            "unavailable", "The service is short of disk space or files.", retryAfterSeconds=30
        )


class TooComplex(WorkerError):
    def __init__(self) -> None:
        super().__init__("input_too_complex", "The work needs more memory than one job may use.")
