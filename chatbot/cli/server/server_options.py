"""Options of the server: its address, who may ask, and the limits of a request."""

from dataclasses import dataclass
from pathlib import Path

from chatbot.config.base import Config
from chatbot.config.options import Form, option

ACCESS, LIMITS = "Who may ask", "Limits"
#: Workers of a bot where no option says how many: more would take much memory unasked.
MOST_WORKERS = 4


@dataclass(frozen=True)
class ServerOptions(Config):
    """Options of the server.

    Attributes:
        host: The address to listen on.
        port: The port; 0 takes a free one.
        transcript: File that every reply is appended to; None for none.
        token: What a client has to send; None for nothing, unless `token_file` names it.
        token_file: File of which the first line is the token.
        open: Whether anyone may ask who reaches the address.
        allow_origin: Sites whose pages may ask or show the chat, as `https://example.org`.
        max_body: Bytes of a request.
        max_turns: Messages of a request.
        max_requests: Requests under way at once.
        rate: Requests a minute of one address; None for no limit on this computer and `PUBLIC_RATE` elsewhere.
        read_timeout: Seconds for a request to arrive whole.
        workers: Processes that answer for each bot where many ask; None for one a core, `MOST_WORKERS` at most.
    """

    host: str = option("127.0.0.1", "Listen on this address; another one needs a token, or --open.", metavar="ADDRESS")
    port: int = option(8000, "Listen on this port; 0 takes a free one.", metavar="N", lowest=0, highest=65535)
    transcript: Path | None = option(
        None,
        "Append every reply to this file as JSON Lines.",
        metavar="FILE",
        form=Form.FILE,
        unset="nothing is kept of what people type",
    )
    token: str | None = option(
        None,
        "Answer only those who send this token; a process list shows it, so better use --token-file.",
        panel=ACCESS,
        metavar="TEXT",
    )
    token_file: Path | None = option(
        None, "Take the token from the first line of this file.", panel=ACCESS, metavar="FILE", form=Form.FILE
    )
    open: bool = option(False, "Answer anyone who reaches the address.", panel=ACCESS)
    allow_origin: tuple[str, ...] = option(
        (),
        "Let pages of this site ask, and show the chat, such as https://example.org; give it again for another.",
        panel=ACCESS,
        metavar="ORIGIN",
        unset="no other site",
    )
    max_body: int = option(
        1 << 20, "Refuse requests of more bytes.", panel=LIMITS, metavar="BYTES", lowest=1024, highest=1 << 30
    )
    max_turns: int = option(
        1000, "Refuse requests with more messages.", panel=LIMITS, metavar="N", lowest=1, highest=1_000_000
    )
    max_requests: int = option(
        256, "Refuse requests while N are under way.", panel=LIMITS, metavar="N", lowest=1, highest=100_000
    )
    rate: int | None = option(
        None,
        "Refuse more than N requests a minute from one address.",
        panel=LIMITS,
        metavar="N",
        lowest=1,
        highest=1_000_000,
        unset="no limit on 127.0.0.1, 300 elsewhere",
    )
    read_timeout: float = option(
        10.0,
        "Give up on a request that has not arrived after S seconds.",
        panel=LIMITS,
        metavar="S",
        lowest=0.1,
        highest=3600,
    )
    workers: int | None = option(
        None,
        "Let N worker processes answer from the time on that many ask at once; each keeps a core busy, and has the bot"
        " in memory. 0 is none.",
        panel=LIMITS,
        metavar="N",
        lowest=0,
        highest=64,
        unset=f"one a core, {MOST_WORKERS} at most",
    )

    def __post_init__(self) -> None:
        """Check the ranges, and that there is one rule for who may ask."""
        self._check_ranges()
        self._require(self.token is None or self.token_file is None, "token and token_file both name a token; use one")
        self._require(self.token is None or bool(self.token.strip()), "token must not be empty")
        for origin in self.allow_origin:
            scheme, _, host = origin.partition("://")
            whole = scheme in {"http", "https"} and host and not set(host) & set("/?#@* ")
            self._require(bool(whole), f"allow_origin takes a site such as https://example.org, not {origin!r}")
