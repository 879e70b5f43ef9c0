"""What can go wrong between a program and the service: one root class, each error a sentence."""


class CognateError(Exception):
    """Anything that a call can end in; `code` is what to branch on.

    `field` is the parameter that the service found wrong, and `status` its HTTP status; both are
    None where there is none.
    """

    def __init__(
        self, message: str, *, code: str, field: str | None = None, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
        self.status = status


class RefusedError(CognateError):
    """The service answered with an error, as `unknown_article` or `invalid_value`."""


class UnreachableError(CognateError, ConnectionError):
    """No connection was had, or it broke (`unreachable`)."""


class TimedOutError(CognateError, TimeoutError):
    """The service did not answer in time (`timed_out`)."""


class UnexpectedAnswerError(CognateError, ValueError):
    """What answered does not speak as Cognate does (`unexpected_answer`)."""


class FilterError(CognateError, ValueError):
    """A framework's filter says what Cognate's filters cannot (`unsupported_filter`)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="unsupported_filter")
