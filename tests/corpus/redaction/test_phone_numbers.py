import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.redaction.phone_numbers import find_phone_numbers


def found(text):
    return [text[start:end] for start, end in find_phone_numbers(text)]


@pytest.mark.parametrize(
    "number",
    [
        *("+44 20 7946 0958", "+442079460958", "+1 (202) 555-0143", "+82-10-1234-5678", "+47 22 12 34 56"),
        *("020 7946 0958", "(020) 7946-0958", "07700 900123"),  # Great Britain
        *("202-555-0143", "(202) 555 0143", "1-202-555-0143", "2025550143"),  # North America
        *("030 1234567", "0171/1234567", "0171 1234567", "089 12345678"),  # Germany
        *("06 12 34 56 78", "06.12.34.56.78", "0612345678"),  # France
        *("612 34 56 78", "912 345 678"),  # Spain
        *("02 1234 5678", "347 123 4567"),  # Italy
        *("010-1234-5678", "01012345678", "02-123-4567"),  # Korea
        *("090-1234-5678", "03-1234-5678"),  # Japan
        *("138 0013 8000", "13800138000"),  # China
        *("098765 43210", "(11) 98765-4321", "8 (912) 345-67-89", "070-123 45 67", "0412 345 678", "044 668 18 00"),
    ],
)
def test_numbers_are_found_as_people_write_them_in_many_countries(number):
    assert found(f"it is {number} now") == [number]
    assert found(f"({number})가") == [number]


@pytest.mark.parametrize(
    "text",
    [
        *("12 34 56 78", "22 12 34 56", "10 12 14 16", "2024 2025 2026", "2019-2020-2021", "16-17 18-19 20-21"),
        *("1.5.1990 - 3.6.2001", "01.12.2020 12.30", "2021-03-05 10:30:00", "05/03/2021 06/03/2021", "2012 05 17"),
        *("9.95 19.95 29.95", "12.500.000", "12 500 000 €", "7 000 000 000", "1 234 567 890", "$1,234,567.89"),
        *("order 302-1234567-1234567", "no. 4512345678", "ISBN 978-3-16-148410-0", "ISBN 3-16-148410-0"),
        *("1609459200", "192.168.100.200", "v 10.15.7.1", "1080 1920 2160", "0 1 2 3 4 5 6 7 8 9", "100-200-300"),
    ],
)
def test_dates_prices_scores_and_order_numbers_are_no_phone_numbers(text):
    assert found(text) == []


def test_the_numbers_of_a_list_are_found_one_by_one():
    assert found("010-1234-5678 / 01012345678 / 02-123-4567") == ["010-1234-5678", "01012345678", "02-123-4567"]
    assert found(" ".join(["+442079460958"] * 50)) == ["+442079460958"] * 50


@given(st.text(st.sampled_from("0123456789 .-/()+:,a"), max_size=80))
def test_what_is_found_begins_and_ends_with_a_sign_of_a_number_and_does_not_overlap(text):
    spans = list(find_phone_numbers(text))
    assert all(text[start] in "+(0123456789" and text[end - 1].isdecimal() for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
