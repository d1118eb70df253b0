"""Foreign formats, one module each: recognized from the content, read as a stream of turns.

A format is one module here, whose `FORMAT` declares all that is known about it, and one row in the table
below. The table imports nothing, so that the command line lists the formats without paying for their
parsers; `chatbot.corpus.importing.recognition.load_format` imports the module when its format is named,
or when a file is to be recognized.
"""

#: The names that are typed after --format, each with its module, in the order in which a file is tried:
#: formats with a mark of their own before those that any table could be.
FORMATS = {
    "cornell": "cornell",
    "dailydialog": "dailydialog",
    "empathetic": "empathetic",
    "parlai": "parlai",
    "fbdialog": "fbdialog",
    "signal": "signal",
    "whatsapp": "whatsapp",
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
    "dialogues": "json_dialogues",
    "csv": "csv_table",
    "tatoeba": "tatoeba",
}
