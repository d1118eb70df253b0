"""Measurements of the server in the text format of Prometheus."""

import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from chatbot import __version__
from chatbot.bot.reply.reply_object import Reply

#: The content type of the format.
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)


class _Histogram:
    """Counts of values by the bounds that they do not pass."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds, self._counts, self._sum = bounds, [0] * (len(bounds) + 1), 0.0

    def add(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def lines(self, name: str, labels: str) -> Iterator[str]:
        total, more = 0, f"{labels}," if labels else ""
        for bound, count in zip((*self._bounds, None), self._counts, strict=True):
            total += count
            yield f'{name}_bucket{{{more}le="{"+Inf" if bound is None else bound}"}} {total}'
        braced = f"{{{labels}}}" if labels else ""
        yield f"{name}_sum{braced} {self._sum:.6f}"
        yield f"{name}_count{braced} {total}"


class ServerMetrics:
    """Counters and histograms of a server; threads may share it."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, int], int] = {}
        self._seconds: dict[str, _Histogram] = {}
        self._confidence: dict[str, _Histogram] = {}
        self._replies: dict[str, int] = {}
        self._fallbacks: dict[str, int] = {}
        self._reloads: dict[str, int] = {}
        self._sizes = _Histogram(_SIZES)

    def count_request(self, model: str, status: int, seconds: float) -> None:
        """Count a request for completions.

        Args:
            model: Name of the bot; empty where none was found.
            status: Of the response.
            seconds: From its arrival to its answer.
        """
        with self._lock:
            self._requests[model, status] = self._requests.get((model, status), 0) + 1
            self._seconds.setdefault(model, _Histogram(_SECONDS)).add(seconds)

    def count_replies(self, model: str, replies: Sequence[Reply]) -> None:
        """Count replies.

        Args:
            model: Name of the bot.
            replies: What it said.
        """
        with self._lock:
            self._replies[model] = self._replies.get(model, 0) + len(replies)
            self._fallbacks[model] = self._fallbacks.get(model, 0) + sum(reply.fallback for reply in replies)
            histogram = self._confidence.setdefault(model, _Histogram(_SHARES))
            for reply in replies:
                if reply.confidence is not None:
                    histogram.add(reply.confidence)

    def count_batch(self, size: int) -> None:
        """Count a batch.

        Args:
            size: Prompts in it.
        """
        with self._lock:
            self._sizes.add(size)

    def count_reload(self, model: str) -> None:
        """Count a bundle that was read anew.

        Args:
            model: Name of its bot.
        """
        with self._lock:
            self._reloads[model] = self._reloads.get(model, 0) + 1

    def render(self, under_way: int) -> str:
        """The page of all measurements.

        Args:
            under_way: Requests that are being answered.
        """
        with self._lock:
            return "\n".join([*self._lines(under_way), ""])

    def _lines(self, under_way: int) -> Iterator[str]:
        yield from _head("chatbot_info", "gauge", "The version of the program.")
        yield f'chatbot_info{{version="{__version__}"}} 1'
        yield from _head("chatbot_requests_under_way", "gauge", "Requests that are being answered.")
        yield f"chatbot_requests_under_way {under_way}"
        yield from _head("chatbot_requests_total", "counter", "Requests for completions, by their HTTP status.")
        for (model, status), count in self._requests.items():
            yield f'chatbot_requests_total{{{_label(model)},code="{status}"}} {count}'
        yield from _histograms("chatbot_request_seconds", "Seconds from a request to its answer.", self._seconds)
        yield from _counters("chatbot_replies_total", "Replies.", self._replies)
        yield from _counters("chatbot_fallbacks_total", "Replies that were the fallback.", self._fallbacks)
        yield from _histograms("chatbot_reply_confidence", "Confidence of the bot in its replies.", self._confidence)
        yield from _counters("chatbot_reloads_total", "Bundles that were read anew.", self._reloads)
        yield from _head("chatbot_batch_size", "histogram", "Prompts that were answered together.")
        yield from self._sizes.lines("chatbot_batch_size", "")


def _head(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _label(model: str) -> str:
    escaped = model.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'model="{escaped}"'


def _counters(name: str, text: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield from _head(name, "counter", text)
    for model, count in counts.items():
        yield f"{name}{{{_label(model)}}} {count}"


def _histograms(name: str, text: str, by_model: Mapping[str, _Histogram]) -> Iterator[str]:
    yield from _head(name, "histogram", text)
    for model, histogram in by_model.items():
        yield from histogram.lines(name, _label(model))
