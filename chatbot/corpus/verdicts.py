"""Verdicts on a corpus for training: a finding and advice for each part of its survey."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from chatbot.corpus.check_finding import Finding, Verdict
from chatbot.corpus.phrasing_verdict import judge_phrasings
from chatbot.corpus.reading import markup
from chatbot.corpus.survey_result import SIDES, Example, Survey, quantile
from chatbot.text import plural

#: Bounds of the histogram, in characters.
_BINS = (1, 10, 20, 40, 80, 160, 320)
_FEW_PAIRS = 200
_SHOWN = 3
#: A reply is too frequent above both of these: a share, and a multiple of an even share.
_FREQUENT, _TIMES_EVEN = 0.05, 5.0
_MANY_DUPLICATES = 0.1
_MANY_CONTRADICTIONS = 0.5
_SMALL_SCRIPT = 0.05
_PERSONAL = {
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "card": "card numbers",
    "iban": "bank accounts",
    "id": "national ids",
    "address": "street addresses",
    "ip": "IP addresses",
    "key": "keys and passwords",
}
_PLURALS = {"prompt": "prompts", "reply": "replies"}


def judge(seen: Survey) -> list[Finding]:
    """Return a finding for each part of a survey.

    Args:
        seen: The survey.
    """
    if not seen.pairs:
        return [_lines(seen)]
    findings = [_lines(seen), _amount(seen), _duplicates(seen), _contradictions(seen), _frequent(seen)]
    findings += [judge_phrasings(seen), _lengths(seen), _scripts(seen), _personal(seen)]
    if seen.markup:
        findings.append(_markup(seen))
    if seen.context_turns:
        findings.append(_context(seen))
    if seen.test_prompts is not None:
        findings.append(_leaks(seen))
    return findings


def _lines(seen: Survey) -> Finding:
    bad = seen.problems.total()
    kinds = "; ".join(f"{what}: {times:,} ({_places(seen, what)})" for what, times in seen.problems.most_common())
    data = {"usable": seen.pairs, "unusable": dict(seen.problems), "first": [str(place) for place in seen.places]}
    if not seen.pairs:
        found = f"no usable pair; {kinds}" if bad else "no usable pair; the file is empty"
        return Finding("lines", Verdict.FAILURE, found, "write a prompt, a tab and a reply on each line", data)
    pairs = plural(seen.pairs, "pair")
    if not bad:
        return Finding("lines", Verdict.GOOD, f"{pairs}, every line usable", data=data)
    advice = "fix these lines; training will skip them"
    return Finding("lines", Verdict.WARNING, f"{pairs}; {kinds}", advice, data)


def _places(seen: Survey, what: str) -> str:
    """The first lines that are unusable for one reason."""
    lines = [place.line for place in seen.places if place.what.split(":", 1)[0] == what]
    total = seen.problems[what]
    if not lines:
        return "further down"
    return f"{'line' if total == 1 else 'lines'} {_numbers(lines, total)}"


def _amount(seen: Survey) -> Finding:
    said = "reply" if seen.replies == 1 else "replies"
    found = f"{plural(seen.prompts, 'different prompt')}, {seen.replies:,} different {said}"
    data = {"prompts": seen.prompts, "replies": seen.replies}
    if seen.pairs < _FEW_PAIRS:
        advice = "small: the bot will memorize these and little else; add more phrasings for each answer"
        return Finding("amount", Verdict.NOTE, found, advice, data)
    return Finding("amount", Verdict.GOOD, found, data=data)


def _duplicates(seen: Survey) -> Finding:
    share = seen.duplicates / seen.pairs
    data = {"pairs": seen.duplicates, "share": share}
    verb = "repeats" if seen.duplicates == 1 else "repeat"
    found = f"{plural(seen.duplicates, 'pair')} {verb} an earlier one ({share:.1%})" if seen.duplicates else "none"
    verdict = Verdict.WARNING if share > _MANY_DUPLICATES else Verdict.NOTE if share else Verdict.GOOD
    advice = "a repeated pair counts more; keep it once unless you mean that" if share else ""
    return Finding("duplicates", verdict, found, advice, data)


def _contradictions(seen: Survey) -> Finding:
    share = seen.contradicted / seen.prompts
    data = {"prompts": seen.contradicted, "share": share, "most": _examples(seen.contradictions)}
    if not seen.contradicted:
        return Finding("several replies", Verdict.GOOD, "every prompt has one reply", data=data)
    most = seen.contradictions[0]
    found = (
        f"{plural(seen.contradicted, 'prompt')} with several replies ({share:.1%}); “{most.text}” has {most.times:,}"
    )
    verdict = Verdict.WARNING if share > _MANY_CONTRADICTIONS else Verdict.NOTE
    return Finding("several replies", verdict, found, "fine if you want variety; if not, settle on one", data)


def _frequent(seen: Survey) -> Finding:
    top, share = seen.frequent[0], seen.frequent[0].times / seen.pairs
    first = sum(example.times for example in seen.frequent) / seen.pairs
    data = {"share": share, "share_of_first": first, "first": _examples(seen.frequent)}
    found = f"“{top.text}” is {share:.1%} of the replies"
    if len(seen.frequent) > 1:
        found += f", the {len(seen.frequent)} most frequent are {first:.1%}"
    if share > _FREQUENT and share > _TIMES_EVEN / seen.replies:
        advice = "a bot says what it heard most often; thin these out, or it will say them to everything"
        return Finding("frequent replies", Verdict.WARNING, found, advice, data)
    return Finding("frequent replies", Verdict.GOOD, found, data=data)


def _lengths(seen: Survey) -> Finding:
    data = {side: _histogram(seen.lengths[side]) for side in SIDES}
    found = "; ".join(
        f"{_PLURALS[side]}: median {plural(quantile(seen.lengths[side], 0.5), 'character')},"
        f" 95th percentile {quantile(seen.lengths[side], 0.95):,}, longest {max(seen.lengths[side]):,}"
        for side in SIDES
    )
    return Finding("lengths", Verdict.GOOD, found, data=data)


def _scripts(seen: Survey) -> Finding:
    data = {side: {name: texts / seen.pairs for name, texts in seen.scripts[side].most_common()} for side in SIDES}
    found = "; ".join(
        f"{_PLURALS[side]} " + ", ".join(f"{name} {share:.1%}" for name, share in data[side].items()) for side in SIDES
    )
    if data["prompt"] == data["reply"]:
        found = found.split("; ")[0].replace("prompts", "both sides")
    main = {name for side in SIDES for name, share in data[side].items() if share >= _SMALL_SCRIPT}
    strays = {name for side in SIDES for name in data[side]} - main - {"no letters"}
    if strays:
        advice = f"a few texts are in another script ({', '.join(sorted(strays))}); too few to learn it from"
        return Finding("languages by script", Verdict.NOTE, found, advice, data)
    return Finding("languages by script", Verdict.GOOD, found, data=data)


def _personal(seen: Survey) -> Finding:
    data = {"texts": {kind: seen.personal[kind] for kind in _PERSONAL}, "first_lines": seen.personal_lines}
    if not seen.personal:
        return Finding(
            "personal data",
            Verdict.GOOD,
            "no e-mail address, phone or card number, nor other data of a known form",
            data=data,
        )
    found = ", ".join(f"{_PERSONAL[kind]}: {texts:,}" for kind, texts in seen.personal.most_common())
    where = f" (lines {_numbers(seen.personal_lines, len(seen.personal_lines) + 1)})"
    advice = "a model can repeat them to anyone; remove what is private, or import with --redact"
    return Finding("personal data", Verdict.WARNING, found + where, advice, data)


def _markup(seen: Survey) -> Finding:
    entities, tags = seen.markup[markup.ENTITY], seen.markup[markup.TAG]
    found = " and ".join(
        f"{number:,} × {name}" for number, name in ((entities, "an entity such as &quot;"), (tags, "a tag")) if number
    )
    return Finding(
        "HTML",
        Verdict.NOTE,
        f"{found}, the first at {seen.path}:{seen.markup_lines[0]}",
        "the bot will repeat them as they are; chatbot corpus import --html decodes them",
        {"entities": entities, "tags": tags, "first_lines": seen.markup_lines},
    )


def _context(seen: Survey) -> Finding:
    turns = "1 turn" if seen.context_turns == 1 else f"{seen.context_turns} turns"
    return Finding(
        "context",
        Verdict.GOOD,
        f"prompts carry up to {turns} before them, and chat will do the same",
        data={"turns": seen.context_turns},
    )


def _leaks(seen: Survey) -> Finding:
    total, data = seen.test_prompts or 0, {"test_prompts": seen.test_prompts, "leaked": seen.leaked}
    if not total:
        return Finding("test file", Verdict.WARNING, "the test file has no usable pair", "name another", data)
    if not seen.leaked:
        return Finding("test file", Verdict.GOOD, f"none of its {total:,} prompts is in the corpus", data=data)
    shown = ", ".join(f"“{example.text}”" for example in seen.leaks[:_SHOWN])
    found = f"{seen.leaked:,} of its {total:,} prompts found in the corpus too: {shown}"
    advice = "remove them from one of the two; otherwise the test measures memory"
    return Finding("test file", Verdict.WARNING, found, advice, data | {"examples": _examples(seen.leaks)})


def _examples(examples: Sequence[Example]) -> list[dict[str, Any]]:
    return [{"text": example.text, "count": example.times} for example in examples]


def _histogram(lengths: Counter[int]) -> dict[str, int]:
    """Number of texts by range of characters."""
    ends = (*(bound - 1 for bound in _BINS[1:]), None)
    return {
        f"{start}–{end}" if end else f"{start}+": sum(
            texts for length, texts in lengths.items() if length >= start and (end is None or length <= end)
        )
        for start, end in zip(_BINS, ends, strict=True)
    }


def _numbers(lines: Sequence[int], total: int) -> str:
    shown = ", ".join(map(str, lines[:_SHOWN]))
    return f"{shown}, …" if total > _SHOWN else shown
