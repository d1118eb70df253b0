import errno

import pytest

from chatbot.errors import remedy


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EDQUOT, "free some space"),
        (errno.EFBIG, "raise the limit on the size of files"),
        (errno.EACCES, "make the folder writable"),
        (errno.EPERM, "make the folder writable"),
        (errno.EROFS, "make the folder writable"),
        (errno.EIO, "see to that"),
        (None, "see to that"),
    ],
)
def test_advice_fits_what_is_wrong(number, said):
    assert remedy(OSError(number, "no") if number else OSError("no")) == said
