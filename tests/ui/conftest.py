"""A browser for the tests of a module, and a page of it for each."""

import pytest

from tests.chromium import launched, new_page


@pytest.fixture(scope="module")
def browser():
    with launched() as made:
        yield made


@pytest.fixture
def page(browser):
    made = new_page(browser)
    yield made
    made.close()
