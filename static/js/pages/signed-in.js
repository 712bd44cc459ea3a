/* After signing in outside the portal: opens the main page with the session of this page. */
document.getElementById('open').submit();
