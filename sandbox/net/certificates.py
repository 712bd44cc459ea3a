"""The certificate authority behind --tls, which lives as long as the sandbox."""

import ssl
import tempfile
from pathlib import Path

import trustme


class Authority:
    """A certificate authority and its one certificate, for `localhost` and 127.0.0.1."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sandbox-tls-")
        self.ca_file = Path(self._folder.name, "ca.pem")
        ca = trustme.CA(organization_name="Sandbox")
        ca.cert_pem.write_to_path(str(self.ca_file))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert("localhost", "127.0.0.1").configure_cert(self.context)

    def close(self) -> None:
        self._folder.cleanup()
