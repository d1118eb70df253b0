"""The chat page and the widget in a real browser, with keys as a person presses them."""

import functools
import http.server
import threading
import tomllib

import httpx
import pytest

from chatbot import Chatbot
from tests.cli.server.browser import PROGRAM, browsing
from tests.cli.server.conftest import serving
from tests.conftest import ROOT

needs_browser = pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed")
SAID = "[...document.querySelectorAll('#talk li')].map((item) => item.querySelector('.words').textContent)"
READY = "!document.getElementById('stop') || document.getElementById('stop').hidden && bot !== null"


@pytest.fixture(scope="module")
def browser():
    with browsing() as browser:
        yield browser


@pytest.fixture
def page(browser, served):
    browser.open(served.url)
    browser.wait(READY)
    return browser


def say(page, text):
    count = page.run(f"{SAID}.length")
    page.run("document.getElementById('text').focus()")
    page.type(text)
    page.press("Enter", 13)
    page.wait(f"{SAID}.length === {count + 2} && {READY}")
    return page.run(SAID)[-1]


@needs_browser
def test_a_conversation_by_keys_alone(page, english_bundle, english_pairs):
    bot = Chatbot.load(english_bundle)
    assert page.run("document.getElementById('name').textContent") == "english"
    assert page.run("document.activeElement.id") == "text"
    for prompt, _ in english_pairs[:3]:
        assert say(page, prompt) == bot.reply(prompt).text
    assert page.run(SAID)[::2] == [pair.prompt for pair in english_pairs[:3]]
    page.run("document.getElementById('new').click()")
    assert page.run(SAID) == []


@needs_browser
def test_the_page_asks_nobody_but_its_own_server(page, served):
    page.requests.clear()
    page.open(served.url)
    page.wait(READY)
    say(page, "hello")
    assert page.requests
    assert [address for address in page.requests if not address.startswith((served.url, "data:"))] == []


@needs_browser
def test_text_is_text_and_has_its_own_direction(page):
    say(page, "<img src=x onerror=document.title='broken'><b>hi</b>")
    assert page.run("document.querySelectorAll('#talk img, #talk b').length") == 0
    say(page, "مرحبا كيف حالك")
    directions = "[...document.querySelectorAll('#talk li.me')].map((item) => getComputedStyle(item).direction)"
    assert page.run(directions) == ["ltr", "rtl"]


@needs_browser
def test_a_reply_that_the_bot_is_not_sure_of_is_marked(page, english_bundle, english_pairs):
    bot = Chatbot.load(english_bundle)
    marks = (
        "[...document.querySelectorAll('#talk li.bot')].map((item) => item.querySelector('.mark')?.textContent ?? '')"
    )
    strange = ["qzx vvv kkk jjj www", "the tariff of 1828", "zzz", "ж"]
    prompts = [pair.prompt for pair in english_pairs[:2]] + strange
    for prompt in prompts:
        say(page, prompt)
    unsure = [bot.reply(prompt).confidence < bot.fallback_threshold for prompt in prompts]
    assert page.run(marks) == ["not sure" if one else "" for one in unsure]
    assert any(unsure)


@needs_browser
def test_a_reply_can_be_stopped(page):
    # A server that never answers, so that there is time to press the key.
    page.run("window.fetch = (path, {signal}) => new Promise((_, fail) => signal.onabort = () => fail(signal.reason))")
    page.run("document.getElementById('text').focus()")
    page.type("hello")
    page.press("Enter", 13)
    page.wait("!document.getElementById('stop').hidden")
    page.press("Escape", 27)
    page.wait("document.querySelector('#talk .bot .mark')?.textContent === 'stopped'")
    assert page.run("document.getElementById('stop').hidden") is True


@needs_browser
def test_every_control_has_a_name_and_fits_on_a_phone(page):
    names = "[...document.querySelectorAll('button, input, select, textarea')].filter((one) => "
    unnamed = names + "!(one.textContent.trim() || one.labels?.length || one.getAttribute('aria-label'))).length"
    assert page.run(unnamed) == 0
    for width, height in ((320, 568), (1280, 800)):
        for scheme in ("light", "dark"):
            page.look(width, height, scheme)
            assert page.run("document.documentElement.scrollWidth <= innerWidth")
            assert page.run("document.getElementById('send').getBoundingClientRect().bottom <= innerHeight")
            assert page.run(CONTRAST) >= 4.5
    page.send("Emulation.clearDeviceMetricsOverride")


@needs_browser
def test_the_last_words_stay_in_sight_when_a_keyboard_takes_half_of_the_screen(page):
    page.look(320, 568, "light")
    for word in ("hello", "good morning", "good evening"):
        say(page, word)
    page.look(320, 300, "light")
    last, field = "document.querySelector('#talk li:last-child')", "document.getElementById('say')"
    page.wait(f"{last}.getBoundingClientRect().bottom <= {field}.getBoundingClientRect().top")
    page.send("Emulation.clearDeviceMetricsOverride")


#: The ratio of WCAG between the text and the background of a message.
CONTRAST = """(() => {
  const linear = (part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const light = (colour) => {
    const [red, green, blue] = colour.match(/[0-9]+/g).map((part) => linear(part / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const item = document.createElement("li");
  item.className = "me";
  document.body.append(item);
  const { color, backgroundColor } = getComputedStyle(item);
  const [less, more] = [light(color), light(backgroundColor)].sort((one, other) => one - other);
  item.remove();
  return (more + 0.05) / (less + 0.05);
})()"""


@needs_browser
def test_the_page_asks_for_a_token_where_there_is_one(browser, tmp_path, english_bundle):
    (tmp_path / "token").write_text("s3cret\n")
    with serving([english_bundle, "--token-file", "token"], tmp_path) as server:
        browser.open(server.url)
        browser.wait("!document.getElementById('key').hidden")
        browser.wait("document.activeElement.id === 'token'")
        browser.type("s3cret")
        browser.press("Enter", 13)
        browser.wait("document.getElementById('key').hidden && bot !== null")
        assert say(browser, "hello")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@needs_browser
def test_one_line_shows_the_chat_in_a_site_that_was_named_and_in_no_other(browser, tmp_path, english_bundle):
    handler = functools.partial(QuietHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as site:
        threading.Thread(target=site.serve_forever).start()
        port = site.server_port
        try:
            with serving([english_bundle, "--allow-origin", f"http://localhost:{port}"], tmp_path) as server:
                widget = f'<!doctype html><script src="{server.url}/widget.js" data-label="Ask"></script><p>A site'
                (tmp_path / "index.html").write_text(widget)
                for host, shown in (("localhost", True), ("127.0.0.1", False)):
                    browser.requests.clear()
                    browser.open(f"http://{host}:{port}/index.html")
                    browser.run("document.querySelector('button').click()")
                    browser.wait("document.querySelector('iframe').src !== ''")
                    assert browser.run("document.querySelector('button').getAttribute('aria-expanded')") == "true"
                    policy = httpx.get(server.url).headers["content-security-policy"]
                    allowed = policy.partition("frame-ancestors ")[2].partition(";")[0].split()
                    assert (f"http://{host}:{port}" in allowed) is shown
        finally:
            site.shutdown()


def test_the_page_needs_nothing_from_elsewhere(served):
    page = httpx.get(served.url)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "http" not in page.text.replace("http-equiv", "")
    assert httpx.get(f"{served.url}/widget.js").headers["content-type"].startswith("text/javascript")


def test_every_file_of_the_page_is_part_of_the_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packaged = set(settings["tool"]["setuptools"]["package-data"]["chatbot"])
    assert {f"cli/server/page/{path.name}" for path in (ROOT / "chatbot/cli/server/page").iterdir()} <= packaged
