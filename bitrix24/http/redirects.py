"""What it means that a portal redirects a call. No redirect is ever followed."""

from urllib.parse import urljoin, urlsplit

from bitrix24.errors import Blocked, HttpsNeeded, Moved, PortalError


def redirect_error(url: str, location: str, status: int) -> PortalError:
    """Return what a redirect of a call means: a move, https, or a page about something else."""
    asked = urlsplit(url)
    try:
        target = urlsplit(urljoin(url, location))
    except ValueError:
        return Blocked("Redirected", status=status)
    same_path = target.path.rstrip("/") == asked.path
    if same_path and target.hostname == asked.hostname and target.scheme != asked.scheme:
        return HttpsNeeded("Redirected", status=status)
    if same_path and target.netloc != asked.netloc:
        return Moved("Moved", status=status)
    # A plan that has ended, or a login, leads to a page. Only an administrator can change that.
    return Blocked("Redirected", status=status)
