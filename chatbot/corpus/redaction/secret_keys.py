"""Keys, tokens and passwords in text.

Some are told by the mark that their issuer puts before them, a password or a PIN by the word before it, and others by
being long and mixed as only random characters are.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator

_BLOCK = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END)[\s\S]){0,8000}"
    r"(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?"
)
#: What issuers put before keys of letters and digits: OpenAI, Anthropic, OpenRouter and their like, Groq, xAI,
#: Replicate, Perplexity, Docker, GitLab, Linear, Notion, Square, Figma, Tailscale, Sentry, Vault, RubyGems, New Relic,
#: Postman, Pulumi, PlanetScale, Grafana, Supabase, Slack, GitHub, Google, PyPI, Stripe and whoever copied it.
_PREFIXES = (
    *(r"sk-(?:ant-|proj-|or-|svcacct-|admin-)?", "gsk_", "xai-", "r8_", "pplx-", "dckr_[a-z]{3}_", "ntn_"),
    *(
        "gl(?:pat|rtr?|dt|cbt|ptt|ft|imt|agent|soat|oas|ffct)-",
        "lin_(?:api|oauth)_",
        "sq0[a-z]{3}-",
        "fig[a-z]_",
        "tskey-[a-z]{2,10}-",
        "sntry[a-z]_",
    ),
    *(r"hv[sbr]\.", "rubygems_", "NRAK-", "PMAK-", "pul-", "pscale_[a-z]{2,8}_", "gl(?:sa|c)_", "sb[a-z]_"),
    *("xox[abeoprs]-", "gh[pousr]_", "github_pat_", r"ya29\.", "pypi-", "npm_", "whsec_", "[a-z]{2,12}_(?:live|test)_"),
)
#: More letters and digits in a row than a word has; with a digit among them, twelve.
_NO_WORDS = r"(?=[A-Za-z0-9_-]{0,250}?(?<![A-Za-z0-9])(?:[A-Za-z0-9]{16}|(?=[A-Za-z]{0,11}\d)[A-Za-z0-9]{12}))"
#: Keys behind such a prefix, and those of other forms: of AWS, Google, Hugging Face, SendGrid, Twilio, DigitalOcean,
#: Shopify, Telegram's and Discord's bots, Mailgun, Databricks, age and Azure, and JSON Web Tokens (RFC 7519).
_MARKED = re.compile(
    r"(?<![A-Za-z0-9_-])(?:"
    rf"(?:{'|'.join(_PREFIXES)}){_NO_WORDS}[A-Za-z0-9_-]{{16,250}}"
    r"|(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35}"
    r"|hf_[A-Za-z0-9]{30,64}|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}|(?:AC|SK)[0-9a-f]{32}"
    r"|do[opr]_v1_[0-9a-f]{64}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|\d{8,10}:[A-Za-z0-9_-]{35}"
    r"|[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}|(?:key-|secret_)[0-9A-Za-z]{32,43}|dapi[0-9a-f]{32}"
    r"|AGE-SECRET-KEY-1[A-Z0-9]{50,60}|(?<=AccountKey=)[A-Za-z0-9+/]{40,90}={0,2}"
    r"|eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{4,4000}(?:\.[A-Za-z0-9_-]{0,1000})?"
    r")(?![A-Za-z0-9])"
)
_WORD = re.compile(
    r"(?<![A-Za-z0-9])(?:password|passwd|pwd|passcode|pass ?phrase|pin(?: ?code| ?number)?|secret[ _-]key|api[ _-]?key"
    r"|access[ _-]?(?:key|token)|bearer|auth[ _-]?token|cvc|cvv2?|passwort|kennwort|mot de passe|contraseña|senha"
    r"|парол[ья]|비밀번호|비번|パスワード|暗証番号|密码|密碼)"
    r"(?P<join> ?[:=]| (?:is|ist|est|es|é)(?= )|은|는|は|是| )\s?[\"'“‘`]?"
    r"(?P<said>[!#-&(-;=?-_a-~]{3,200}|[^\s\"'”’`<>]{3,200})",
    re.IGNORECASE,
)
_MIXED = re.compile(r"(?<![A-Za-z0-9_/+.-])[A-Za-z0-9_+-]{24,500}={0,2}(?![A-Za-z0-9_/+=-]|\.\w)")
_HEX = re.compile(r"[0-9a-fA-F]{32,}")
#: Bits a character of mixed characters that nobody types: English words in one have about 3.
_FEWEST_BITS, _FEWEST_HEX_BITS = 3.9, 3.0
_PUNCTUATION = ".,;:!?)]}…。、"
#: What is said of a password without being one: `8-digit`, `100%`, `24/7`.
_SAID_OF_ONE = re.compile(r"\d{1,3}(?:[-+][A-Za-z]*|%|/\d+|x|-\d{1,2})", re.ASCII)


def find_keys(text: str) -> Iterator[tuple[int, int]]:
    """Find the keys, tokens and passwords in a text.

    Args:
        text: As it was written.

    Yields:
        Where each begins and ends, in no order; some may overlap.
    """
    for pattern in (_BLOCK, _MARKED):
        for match in pattern.finditer(text):
            yield match.span()
    for match in _WORD.finditer(text):
        said = match["said"].rstrip(_PUNCTUATION)
        if _was_chosen(said, plain=match["join"] == " "):
            yield match.start("said"), match.start("said") + len(said)
    for match in _MIXED.finditer(text):
        if _looks_random(match[0]):
            yield match.span()


def _was_chosen(said: str, plain: bool) -> bool:
    """Whether somebody chose what stands behind a word as "password"; "password reset" has no digit."""
    digits = sum(character.isdigit() for character in said)
    length = len(said)
    if plain:  # a number of a room or of a year may follow a bare word: only what mixes
        return length >= 6 and 0 < digits < length and said.isascii() and "-" not in said and ":" not in said
    return digits > 0 and length >= 3 and not _SAID_OF_ONE.fullmatch(said)


def _looks_random(text: str) -> bool:
    if _HEX.fullmatch(text):
        return _bits(text.lower()) >= _FEWEST_HEX_BITS and any(map(str.isalpha, text)) and any(map(str.isdigit, text))
    kinds = (str.islower, str.isupper, str.isdigit)
    changes = sum(one.isalpha() != other.isalpha() for one, other in itertools.pairwise(text))
    return all(any(map(kind, text)) for kind in kinds) and changes >= 4 and _bits(text) >= _FEWEST_BITS


def _bits(text: str) -> float:
    """The entropy of a text's characters in bits (Shannon 1948), as often as each occurs in it."""
    return -sum(times / len(text) * math.log2(times / len(text)) for times in Counter(text).values())
