"""The table of the comparison of architectures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from architecture_corpora import Measure

Figures = Mapping[str, Any]


def write_table(lines: Sequence[Figures]) -> str:
    """The Markdown of the results.

    Args:
        lines: Those of results.jsonl; the last of several for one training counts.

    Returns:
        A row for each corpus and architecture, with a column of quality for each number of minutes; steps and
        tokens a second are of the longest training.
    """
    minutes = sorted({line["minutes"] for line in lines if "quality" in line})
    heads = ["corpus", "measure", "architecture", "units", "parameters", *(f"{one:g} min" for one in minutes)]
    heads += ["nearest neighbour", "steps", "steps/s", "tokens/s", "ms a reply", "cold reply", "bundle"]
    rows = [heads, ["---"] * len(heads)]
    for corpus, architecture in dict.fromkeys((line["corpus"], line["architecture"]) for line in lines):
        of_both = [line for line in lines if (line["corpus"], line["architecture"]) == (corpus, architecture)]
        if any("quality" in line for line in of_both):
            rows.append(list(_row(of_both, minutes)))
    rows[2:] = sorted(rows[2:], key=lambda row: [one[0] for one in rows[2:]].index(row[0]))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(lines: Sequence[Figures], minutes: Sequence[float]) -> Iterable[str]:
    trained = {line["minutes"]: line for line in lines if "quality" in line}
    longest = trained[max(trained)]
    measure = Measure(longest["measure"])
    yield from (longest["corpus"], measure.heading, longest["architecture"])
    yield from (f"{longest['units']:,}", f"{longest['parameters'] / 1e6:.2f} M")
    for one in minutes:
        yield measure.write(trained[one]["quality"] if one in trained else None)
    yield measure.write(longest["nearest_neighbour"])
    yield from (f"{longest['steps']:,}", f"{longest['steps'] / longest['seconds']:.1f}")
    yield f"{longest['tokens_per_second']:,.0f}"
    speed = next((line for line in reversed(lines) if "reply_ms" in line), None)
    yield "–" if speed is None else f"{speed['reply_ms']:.2f}"
    yield "–" if speed is None else f"{speed['cold_reply_s']:.2f} s"
    yield f"{longest['bundle_bytes'] / 1e6:.1f} MB"
