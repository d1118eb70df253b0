"""Foreign formats, one module each: recognized from the content, read as a stream of turns.

A format is a module here with a `FORMAT`, and its row in the table below. This table imports
nothing, so that the command line can list the formats without paying for their parsers;
`chatbot.corpus.importing.recognition` imports a module when its format is asked for or a file is to be
recognized.
"""

#: Modules by the names that are typed after --format, in the order in which a file is tried: those
#: with a mark of their own before those that any table could be.
MODULES = {
    "cornell": "cornell",
    "dailydialog": "dailydialog",
    "empathetic": "empathetic",
    "parlai": "parlai",
    "fbdialog": "fbdialog",
    "signal": "signal",
    "whatsapp": "whatsapp.transcript",
    "telegram": "telegram",
    "telegram-html": "telegram_html",
    "discord": "discord",
    "messenger": "messenger",
    "slack": "slack",
    "imessage": "imessage",
    "openai": "openai",
    "sharegpt": "sharegpt",
    "chatgpt": "chatgpt",
    "claude": "claude",
    "alpaca": "alpaca",
    "intents": "intents",
    "json": "json_pairs",
    "chatterbot": "chatterbot",
    "dialogues": "dialogues",
    "csv": "csv_table",
    "tatoeba": "tatoeba",
}
NAMES = tuple(MODULES)
#: Those of which --columns names the two sides.
WITH_COLUMNS = frozenset({"csv", "json"})
