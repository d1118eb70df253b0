"""The server process: its socket, its end in order, and a look at the bundles every second."""

import asyncio
import contextlib
import ipaddress
import signal
import socket
from collections.abc import Generator, Sequence
from pathlib import Path

import uvicorn
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from chatbot.cli.chat.transcript import Transcript
from chatbot.cli.chat.turn_record import ChatTurn
from chatbot.cli.output.exit_codes_and_messages import print_note, print_warning
from chatbot.cli.server.access_rules import Access, AccessRules
from chatbot.cli.server.answering.served_bot import ServedBot, name_bots
from chatbot.cli.server.http_api import HttpApi
from chatbot.cli.server.http_connection import bounded_connection
from chatbot.cli.server.server_metrics import ServerMetrics
from chatbot.cli.server.server_options import MOST_WORKERS, ServerOptions
from chatbot.config import DecodingConfig, FallbackOptions
from chatbot.errors import ChatbotError, ConfigError, ConversationError, MachineError
from chatbot.inference.usable_cores import usable_cores

#: Requests a minute of one address, where the server listens for other computers.
PUBLIC_RATE = 300
#: Seconds between looks at the bundles, seconds that a connection may idle, and that the last replies may take.
_LOOK, _IDLE, _LAST = 1.0, 75, 30


def run_server(
    places: Sequence[Path], options: ServerOptions, decoding: DecodingConfig, fallback: FallbackOptions
) -> None:
    """Serve bundles until a signal ends it; replies that are under way are finished.

    Args:
        places: Folders of the bundles, the first one the default.
        options: Of the server.
        decoding: The settings where a request has none.
        fallback: What is said where a bot is not sure.

    Raises:
        BundleError: A bundle cannot be used.
        ConfigError: The token cannot be read, or there is none for an address that needs one.
        MachineError: The address cannot be used.
    """
    token = _read_token(options)
    with _listen(options) as listener, contextlib.ExitStack() as opened:
        local = ipaddress.ip_address(listener.getsockname()[0]).is_loopback
        if not (local or token or options.open):
            raise ConfigError(
                f"{options.host} can be reached from other computers; give --token-file FILE,"
                " or --open to answer anyone"
            )
        metrics = ServerMetrics()
        workers = _count_workers() if options.workers is None else options.workers
        bots = name_bots([ServedBot(place, decoding, fallback, metrics.count_batch, workers) for place in places])
        record = None
        if options.transcript is not None:
            record = _Recorder(opened.enter_context(Transcript(options.transcript))).add
        api = HttpApi(bots, options, decoding, metrics, record)
        rate = options.rate if options.rate is not None or local else PUBLIC_RATE
        access = Access(token, options.allow_origin, local and token is None, rate)
        _introduce(listener, [*bots], token is not None)
        connection = bounded_connection(options.read_timeout)
        _Server(_guard(api.app(), access), connection, [*bots.values()], metrics).run([listener])
        for bot in bots.values():
            bot.close()


class _Recorder:
    """Writes the transcript; if that fails, it says so once, and replies go on."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript: Transcript | None = transcript

    def add(self, turn: ChatTurn) -> None:
        if self._transcript is not None:
            try:
                self._transcript.add(turn)
            except ConversationError as error:
                print_warning(f"{error}; from here on replies are not recorded")
                self._transcript = None


class _Server(uvicorn.Server):
    """Uvicorn that ends with exit code 0 after a signal, and looks at the bundles while it runs."""

    def __init__(
        self, app: ASGIApp, connection: type[asyncio.Protocol], bots: Sequence[ServedBot], metrics: ServerMetrics
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=connection,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=_IDLE,
                timeout_graceful_shutdown=_LAST,
            )
        )
        self._bots, self._metrics = bots, metrics

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take the signals over: the first lets replies finish, a second ends at once."""
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.getsignal(number) for number in numbers}
        for number in numbers:  # as every system has it; a loop's own handlers are of Linux and macOS alone
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._end))
        looking = loop.create_task(self._look())
        try:
            yield
        finally:
            looking.cancel()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _end(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True

    async def _look(self) -> None:
        """Read the bundles anew that were trained anew."""
        while True:
            await asyncio.sleep(_LOOK)
            for bot in self._bots:
                try:
                    if await asyncio.to_thread(bot.reload_if_new):
                        self._metrics.count_reload(bot.name)
                        print_note(f"{bot.name} was trained anew; it answers from now on")
                except ChatbotError as error:
                    print_warning(f"{error}; the bot that was loaded before goes on answering")


def _guard(app: ASGIApp, access: Access) -> ASGIApp:
    """An application behind the rules, with the headers for the sites that may ask."""
    guarded = AccessRules(app, access)
    if not access.origins:
        return guarded
    return CORSMiddleware(
        guarded, allow_origins=[*access.origins], allow_methods=["GET", "POST"], allow_headers=["*"], max_age=600
    )


def _count_workers() -> int:
    """The number of workers of a bot where nobody said how many: one alone would be no faster than the server."""
    cores = usable_cores()
    return min(cores, MOST_WORKERS) if cores > 1 else 0


def _listen(options: ServerOptions) -> socket.socket:
    """The socket that listens on the address.

    Raises:
        MachineError: It cannot.
    """
    try:
        family = socket.getaddrinfo(options.host, options.port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((options.host, options.port), family=family, backlog=2048)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise MachineError(
            f"cannot listen on {options.host}, port {options.port}: {reason}; choose others with --host and --port"
        ) from None


def _read_token(options: ServerOptions) -> str | None:
    """The token, from the options or from its file.

    Raises:
        ConfigError: The file cannot be read, is empty, or can be read by others.
    """
    if options.token_file is None:
        return options.token
    path = options.token_file
    try:
        with path.open(encoding="utf-8") as file:
            token = file.readline(10_000).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{path}: cannot be read: {reason}") from None
    if not token:
        raise ConfigError(f"{path}: has no token in its first line")
    if path.stat().st_mode & 0o077:
        print_warning(f"{path}: others on this computer can read the token; run: chmod 600 {path}")
    return token


def _introduce(listener: socket.socket, names: Sequence[str], token: bool) -> None:
    """Say where the server is."""
    host, port = listener.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    guarded = ", with the token as API key" if token else ""
    print_note(f"{', '.join(names)}: a page at {address}, the API at {address}/v1{guarded}. Ctrl-C ends.")
