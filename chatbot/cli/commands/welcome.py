"""The welcome, where the name of the program is typed alone."""

import typer

from chatbot.cli.output.exit_codes_and_messages import exit_codes

_NO_BOT = """\
No bot has been trained yet. Train one on a file of pairs, a prompt, a tab and its reply a line:
    chatbot train {corpus}
Then talk to it:
    chatbot chat
`chatbot --help` lists all commands."""


_BOT = """\
{name} answers by default ({place}).
    chatbot chat             talk to it
    chatbot reply "hello"    get one reply
    chatbot list             see all bots; `chatbot use NAME` chooses another
`chatbot --help` lists all commands."""


def welcome(context: typer.Context) -> None:
    """Print what to do next, where the program's name is typed alone."""
    from chatbot.cli.options.effective_settings import settle_home

    with exit_codes():
        from chatbot import bundle

        settle_home(context)
        place = bundle.default_bundle()
        if place is None:
            print(_NO_BOT.format(corpus=bundle.suggest_corpus()))
        else:
            print(_BOT.format(name=bundle.printable(place.name), place=bundle.printable(place)))
