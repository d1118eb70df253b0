"""Texts that programs stumble over, for the strategies of property tests."""

from hypothesis import strategies as st

NASTY = [
    "\0",
    "a\0b",
    "~a",
    "~nosuch/x",
    "a" * 300,
    "x/" * 3000,
    "9" * 5000,
    "-" + "9" * 5000,
    "0." + "0" * 5000 + "1",
    "1e999",
    "nan",
    "-inf",
    "٣",
    "\ud83d",
    "\udce9",
    "\ufeff",
    "\u2028",
    "\x1b[2J",
    "(" * 1000,
]


def texts(most: int = 30) -> st.SearchStrategy[str]:
    """Any text, and often a nasty one."""
    return st.one_of(
        st.text(max_size=most), st.text(st.characters(categories=("Cs", "Cc", "Cf"))), st.sampled_from(NASTY)
    )


#: Any JSON value, and often one of the kinds that are taken for another.
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        texts(),
        st.sampled_from([[], {}, [1], ["a"], {"a": 1}, -1, 0, 10**400, 1e308, float("nan")]),
    ),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values, max_size=3),
    max_leaves=6,
)


def nested(depth: int) -> str:
    """JSON lists within lists."""
    return "[" * depth + "]" * depth
