"""The main flow in engines that Playwright does not drive: Debian's Firefox and WebKit."""
