"""Messages for people about damaged JSON, made from those of the parser."""

import re

#: A backslash where JSON allows none; Telegram writes control characters as `\\x0C`.
_WRONG_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*(\\(?:x([0-9A-Fa-f]{2})|[!#-.0-\[\]-ac-eg-mo-qsv-~]))")
#: What the parser says where the file ends too early.
_CUT_SHORT = ("premature EOF", "Incomplete JSON content", "Incomplete string lexeme")
_COMMA_BEFORE_END = re.compile(rb"(?:,|^)[ \t\r\n]{0,100}[\]}]")
#: The parser's message about a bracket that ends an array or an object where a value or a key should be.
_MISPLACED = ("unallowed token", "invalid object key")


def what_is_wrong(error: Exception, piece: bytes) -> str:
    """The reason why a document cannot be read, in words.

    Args:
        error: The error of the parser.
        piece: The piece of the document that the parser was given last.
    """
    escape, what = _WRONG_ESCAPE.search(piece), first_line(error)
    if escape:
        return f"{escape[1].decode()} is no escape of JSON; write {_as_json(escape)}"
    if what in _CUT_SHORT:
        return "it ends in the middle; fetch or export the file again, or end it as it began"
    if what.startswith(_MISPLACED) and _COMMA_BEFORE_END.search(piece):
        return "a comma before a closing bracket; take it out"
    return what


def _as_json(escape: re.Match[bytes]) -> str:
    code = escape[2]
    return f"\\u00{code.decode()} in its place" if code else "two backslashes for one"


def first_line(error: Exception) -> str:
    """The message of a parser's error, without the lines that show the place."""
    text = error.args[0] if error.args else error
    if isinstance(text, bytes):
        text = text.decode("utf-8", errors="replace")
    return str(text).strip().split("\n", 1)[0].removeprefix("parse error: ")
