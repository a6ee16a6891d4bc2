"""TLS for the server, with certificates that may be renewed while it runs."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import grpc

from ...common.errors import UserError


@dataclass(frozen=True)
class Tls:
    """The files of a server's identity, in PEM.

    Args:
        certificate: the server's, with its chain.
        key: the server's.
        client_ca: who signs callers' certificates; with it, callers must show one (mutual TLS).
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None

    def credentials(self) -> grpc.ServerCredentials:
        """Return credentials that follow the files.

        Raises:
            UserError: a file is missing, or certificate and key do not belong together.
        """
        self._check()
        configuration = self._configuration()
        look = self._look()

        def renewed() -> grpc.ServerCertificateConfiguration | None:
            nonlocal look
            if (now := self._look()) == look:
                return None
            try:
                self._check()
                configuration = self._configuration()
            except (UserError, OSError):
                # Half renewed: the old pair stays until the new one is complete.
                return None
            look = now
            return configuration

        return grpc.dynamic_ssl_server_credentials(
            configuration, renewed, require_client_authentication=self.client_ca is not None
        )

    def contexts(self) -> Callable[[], ssl.SSLContext]:
        """Return what gives the same identity for each new connection of the REST interface.

        Raises:
            UserError: a file is missing, or certificate and key do not belong together.
        """
        look, context = self._look(), self._check()

        def current() -> ssl.SSLContext:
            nonlocal look, context
            if (now := self._look()) != look:
                # Half renewed: the old pair stays until the new one is complete.
                with suppress(UserError, OSError):
                    look, context = now, self._check()
            return context

        return current

    def _check(self) -> ssl.SSLContext:
        """Have OpenSSL look at the files: gRPC says only that binding failed."""
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate, self.key)
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
                context.verify_mode = ssl.CERT_REQUIRED
            return context
        except ssl.SSLError as error:
            raise UserError(
                f"{self.certificate} and {self.key} are no pair of certificate and key, "
                f"or {self.client_ca} no certificate: {error.reason}"
            ) from error
        except OSError as error:
            missing = next((path for path in self._files() if not path.is_file()), self.key)
            raise UserError(f"cannot read {missing}: {error.strerror}") from error

    def _configuration(self) -> grpc.ServerCertificateConfiguration:
        pair = (self.key.read_bytes(), self.certificate.read_bytes())
        root = self.client_ca.read_bytes() if self.client_ca else None
        return grpc.ssl_server_certificate_configuration([pair], root)

    def _files(self) -> list[Path]:
        return [self.certificate, self.key, *([self.client_ca] if self.client_ca else [])]

    def _look(self) -> tuple:
        try:
            return tuple((path.stat().st_mtime_ns, path.stat().st_size) for path in self._files())
        except OSError:
            return ()


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    return host in ("localhost", "::1") or host.startswith("127.")
