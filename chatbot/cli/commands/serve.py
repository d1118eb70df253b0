"""`chatbot serve`: bots on HTTP, with the API of OpenAI's chat completions."""

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from chatbot.cli.options.command import examples
from chatbot.cli.options.declared_options import part_of, with_options
from chatbot.cli.options.shared_options import BUNDLE, complete_bundle
from chatbot.cli.output.exit_codes_and_messages import exit_codes
from chatbot.cli.server.server_options import ServerOptions
from chatbot.config import DecodingConfig, FallbackOptions
from chatbot.errors import MachineError

#: Packages that the server needs and the rest of the program does not.
_EXTRA = ("starlette", "uvicorn", "httptools")


@examples("""\
# the bot trained last, or chosen with `chatbot use`
chatbot serve

# two bots, each a model of the API, on another port
chatbot serve dialogs faq --port 9000

# for other computers, with a token
chatbot serve --host 0.0.0.0 --token-file token.txt
""")
@with_options(
    fallback=part_of(FallbackOptions),
    server=part_of(ServerOptions),
    decoding=part_of(DecodingConfig, without=["n_best"]),
)
def serve(
    *,
    bundles: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="BUNDLE",
            help=f"The bundles to serve: {BUNDLE}; each is a model of the API.",
            autocompletion=complete_bundle,
        ),
    ] = None,
    fallback: FallbackOptions,
    server: ServerOptions,
    decoding: DecodingConfig,
) -> None:
    """Answer over HTTP, as OpenAI's API does.

    Needs the extra `serve`: pip install '.[serve]'. Clients of OpenAI's API work with the address that is
    printed. Only programs of this computer can ask, unless --host says otherwise. A bundle that is trained
    anew while it is served is read anew. Ctrl-C and SIGTERM let replies finish. docs/reference/http.md has the
    API, docs/how-to/serve.md what is worth knowing.

    Exit codes: 0 ended by a signal, 1 failure, 2 wrong usage, 130 interrupted before it served.
    """
    with exit_codes():
        from chatbot.cli.options.bundle_on_command_line import find_bundle

        _require_extra()
        from chatbot.cli.server.http_server import run_server

        places = [*map(find_bundle, bundles or [])] or [find_bundle(None)]
        run_server(places, server, decoding, fallback)


def _require_extra() -> None:
    """Check that the packages are there which only the server needs.

    Raises:
        MachineError: One is missing.
    """
    for name in _EXTRA:
        if importlib.util.find_spec(name) is None:
            raise MachineError(f"chatbot serve needs {name}; install it with: pip install '.[serve]'")
