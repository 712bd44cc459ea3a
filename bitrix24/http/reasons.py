"""Names why a request got no answer, in one word for the operator."""

import ssl

from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from bitrix24.errors import NoAnswer, NotSent

NOT_CONNECTED = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)


def reason_of(error: Exception) -> str:
    """Return a word of OUR_CODES for a known reason, and else the error's class."""
    causes = _causes(error)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "BadCertificate"
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return "NameNotFound"
    return type(error).__name__


def no_answer(error: Exception) -> NoAnswer:
    """Return the error of a request, NotSent where it had no connection."""
    unconnected = any(isinstance(cause, NOT_CONNECTED) for cause in _causes(error))
    return (NotSent if unconnected else NoAnswer)(reason_of(error))


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and those that it wraps, as requests and urllib3 do it."""
    causes = [error]
    for cause in causes:
        inner = (*cause.args, getattr(cause, "reason", None))
        causes += [one for one in inner if isinstance(one, BaseException) and one not in causes]
    return causes
