"""The certificate of the gates: read anew when its files change, without a restart."""

import logging
import ssl
from pathlib import Path

log = logging.getLogger("tocsin.gates")


class Certificate:
    """`context` serves new connections; None until a good certificate was there.

    Renewal writes two files, one after the other: a pair that does not fit is tried aside, and the old one stays.
    """

    def __init__(self, chain: Path, key: Path) -> None:
        self.chain, self.key = chain, key
        self.context: ssl.SSLContext | None = None
        self.seen: tuple[tuple[int, int, int], ...] | None = None
        self.trouble = ""

    def look(self) -> None:
        """Load what is new; a certificate that cannot be used is told once. Cheap: called each second."""
        try:
            seen = tuple(_stamp(path) for path in (self.chain, self.key))
            if seen == self.seen:
                return
            self.context = self._load()
            self.seen, self.trouble = seen, ""
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            trouble = f"{error.filename}: {error.strerror}" if isinstance(error, FileNotFoundError) else str(error)
            if trouble != self.trouble:
                kept = "the old one stays" if self.context else "the TLS ports answer nobody"
                log.error("the certificate %s with the key %s: %s; %s", self.chain, self.key, trouble, kept)
            self.trouble = trouble

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.chain, self.key, password=_no_password)
        return context


def _no_password() -> str:
    raise ValueError("the key is encrypted; the gates need one without a password")


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino
