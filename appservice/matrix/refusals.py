"""What the homeserver's failures mean to us: Temporary or Permanent, in words for a person.

`doing` is what was being done, in the reader's language.
"""

from __future__ import annotations

from http import HTTPStatus

from appservice.errors import Permanent, Temporary
from appservice.language import _
from appservice.matrix.transport import Answered


def worth_another_try(answered: Answered) -> bool:
    """Too many requests, or a fault of the homeserver or of a proxy before it."""
    return (
        answered.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
        or answered.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    )


def temporary(answered: Answered, doing: str) -> Temporary:
    """An answer that stayed bad until our patience ended."""
    if answered.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Temporary(
            _(
                "The homeserver limits how much we may do ({doing}). Keep `rate_limited: false` in"
                " the registration file and restart Synapse, or try again later."
            ).format(doing=doing),
            retry_after=answered.retry_after,
        )
    return Temporary(
        _(
            "The homeserver fails ({doing}): it answered {status}. Look into its log, then try"
            " again."
        ).format(doing=doing, status=answered.status),
        retry_after=answered.retry_after,
    )


def unreachable(url: str, doing: str, why: str) -> Temporary:
    return Temporary(
        _(
            "The homeserver cannot be reached at {url} ({doing}): {why}. Check that it runs and"
            " that `homeserver.url` is right."
        ).format(url=url, doing=doing, why=why)
    )


def silent(url: str, doing: str, seconds: float) -> Temporary:
    return Temporary(
        _(
            "The homeserver at {url} gave no answer within {seconds} s ({doing}). Try again when it"
            " is less busy."
        ).format(url=url, doing=doing, seconds=round(seconds))
    )


def permanent(answered: Answered, doing: str) -> Permanent:
    """A refusal that another try would not change."""
    if answered.code in ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"):
        text = _(
            "The homeserver does not know our as_token. Check that the registration file is listed"
            " in `app_service_config_files` of homeserver.yaml, that it holds the same as_token as"
            " our configuration, and restart Synapse."
        )
    elif 300 <= answered.status < 400:
        text = _(
            "The homeserver's address leads elsewhere, to {location}: write its real address into"
            " `homeserver.url`."
        ).format(location=answered.error)
    else:
        text = _("The homeserver refused ({doing}): {error} ({code})").format(
            doing=doing, error=answered.error, code=answered.code or answered.status
        )
    return Permanent(text, code=answered.code or f"HTTP_{answered.status}")


def misshapen(doing: str) -> Permanent:
    return Permanent(
        _(
            "The homeserver's answer is not of the shape we know ({doing}). Is its version"
            " supported, and is `homeserver.url` a Synapse?"
        ).format(doing=doing)
    )
