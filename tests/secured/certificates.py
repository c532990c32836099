"""Certificates for tests, signed by an authority of their own, by openssl."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Authority:
    """Who signs; `folder` has `ca.pem` and what was signed."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "Authority":
        folder.mkdir(parents=True, exist_ok=True)
        made = cls(folder)
        made._openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=tests", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            "-keyout", "ca.key", "-out", "ca.pem",
        )  # fmt: skip
        return made

    @property
    def certificate(self) -> Path:
        return self.folder / "ca.pem"

    def sign(self, name: str, days: int = 2) -> tuple[Path, Path]:
        """Return the files of a certificate for `name`, good for 127.0.0.1, and of its key (PKCS 8)."""
        self._openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr",
        )  # fmt: skip
        (self.folder / "extensions").write_text("subjectAltName=IP:127.0.0.1\n")
        self._openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", str(days), "-extfile", "extensions", "-out", f"{name}.pem",
        )  # fmt: skip
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def lock(self, name: str, password: str) -> Path:
        """Return the file of the key of `name`, encrypted with a password."""
        locked = f"{name}.locked.key"
        self._openssl("pkcs8", "-topk8", "-in", f"{name}.key", "-passout", f"pass:{password}", "-out", locked)
        return self.folder / locked

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(("openssl", *arguments), cwd=self.folder, check=True, capture_output=True)
