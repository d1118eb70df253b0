"""The figures for redaction in the documentation, measured again on the sample that they are of."""

from benchmarks.redaction import measure, tables
from chatbot.corpus.redaction.redact import KINDS
from tests.test_docs_contents import DOCS

GROUPS = measure()


def test_nothing_that_has_to_stay_is_taken():
    assert {group.name: group.wrong for group in GROUPS if group.stays and group.wrong} == {}


def test_nearly_all_that_has_a_form_is_found():
    marked = [group for group in GROUPS if not group.stays and group.name != "personal data in plain words"]
    lines = sum(group.lines for group in marked)
    assert lines > 400
    assert sum(len(group.wrong) for group in marked) < 0.02 * lines


def test_the_table_of_the_documentation_is_what_the_sample_gives():
    page = (DOCS / "how-to" / "privacy.md").read_text(encoding="utf-8")
    assert "\n".join(tables(GROUPS)) in page


def test_every_kind_is_explained():
    page = (DOCS / "how-to" / "privacy.md").read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"`<{kind}>`" not in page] == []
