# ruff: noqa: INP001  # a file to be run or copied, of no package
"""Send the mail of the reports, once: python deploy/mail.py reports/email.html --to … --from … --sent FILE.

FILE remembers what was sent last; the same again is not sent, and what the server did not take is tried the next time.
`-` in place of the page sends the text of standard input. Needs nothing but Python.
"""

import argparse
import hashlib
import smtplib
import sys
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path


class _Text(HTMLParser):
    """The words of a page, for who reads mail as plain text."""

    hidden = 0
    words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # its signature
        self.hidden += tag in ("style", "title")
        self.words += "\n" if tag in ("p", "div", "li", "tr", "h1", "h2", "h3", "br") else " "

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        self.words += "" if self.hidden else data


def message(content: str, asked: argparse.Namespace) -> EmailMessage:
    """The mail: text, and for a page the page as well."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = asked.subject, asked.sender, ", ".join(asked.to)
    if asked.page == "-":
        mail.set_content(content)
        return mail
    text = _Text()
    text.feed(content)
    lines = (" ".join(line.split()) for line in text.words.splitlines())
    mail.set_content("\n".join(line for line in lines if line))
    mail.add_alternative(content, subtype="html")
    return mail


def options() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", help="reports/email.html, or - for the text of standard input")
    parser.add_argument("--to", action="append", required=True, help="an address; may be repeated")
    parser.add_argument("--from", dest="sender", required=True, help="the sender's address")
    parser.add_argument("--subject", default="Stancebook reports")
    parser.add_argument("--server", default="localhost:25", help="host:port of a mail server that takes our mail")
    parser.add_argument("--sent", type=Path, help="the file that remembers what was sent last")
    return parser.parse_args()


def main() -> str | None:
    """Send what is new; why it could not be sent, if so."""
    asked = options()
    try:
        content = sys.stdin.read() if asked.page == "-" else Path(asked.page).read_text(encoding="utf-8")
        digest = hashlib.sha256(content.encode()).hexdigest()
        if asked.sent and asked.sent.is_file() and asked.sent.read_text(encoding="utf-8") == digest:
            return None
        host, _, port = asked.server.partition(":")
        with smtplib.SMTP(host, int(port or 25), timeout=60) as server:
            server.send_message(message(content, asked))
        if asked.sent:
            asked.sent.parent.mkdir(parents=True, exist_ok=True)
            asked.sent.write_text(digest, encoding="utf-8")
    except (OSError, ValueError) as error:  # smtplib's errors are of the first kind
        return f"the mail was not sent: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main())
