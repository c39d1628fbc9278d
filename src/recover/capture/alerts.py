"""Where alerts go beyond the screen: a file, a command, a webhook. Each only where its user's call names it."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx

from recover.capture import own
from recover.capture.wire import trusted
from recover.sdk.errors import Error

_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """`command` is started with the alert as one line of JSON on its standard input; `webhook` gets it by POST."""

    file: Path | None = None
    command: str = ""
    webhook: str = ""
    proxy: str = ""

    def check(self) -> None:
        """Raises Error for a webhook that cannot be one, or a command that cannot be read."""
        why = own.unfit(self.webhook)
        if self.webhook and (why or not self.webhook.startswith(("http://", "https://"))):
            raise Error(
                "webhook-unfit",
                "Alerts cannot be sent there.",
                f"{why or 'it is no http or https address'}.",
                "Write --webhook with an address such as https://example.org/alerts.",
            )
        try:
            words = shlex.split(self.command)
        except ValueError as error:
            raise Error("command-unfit", "The command cannot be read.", f"{error}.", "Mend its quotes.") from None
        if self.command and not words:
            raise Error("command-unfit", "The command is empty.", "There is nothing to start.", "Name a program.")

    def send(self, line: bytes) -> list[str]:
        """Hand an alert over; why it could not be, for each channel where it could not."""
        failed = []
        if self.file is not None:
            try:
                with self.file.open("ab") as out:
                    out.write(line)
            except OSError as error:
                failed.append(f"the file {self.file.name}: {error.strerror or error}")
        if self.command:
            try:
                subprocess.run(shlex.split(self.command), input=line, check=True, timeout=_SECONDS)
            except (OSError, subprocess.SubprocessError) as error:
                failed.append(f"the command: {error}")
        if self.webhook:
            try:
                proxy = self.proxy or None
                with httpx.Client(verify=trusted(), trust_env=False, proxy=proxy, timeout=_SECONDS) as client:
                    client.post(self.webhook, content=line, headers=_HEADERS).raise_for_status()
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                failed.append(f"the webhook: {type(error).__name__}: {error}")
        return failed


_HEADERS = {"Content-Type": "application/json"}
