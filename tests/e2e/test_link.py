"""The line to the site goes away and comes back; nothing is lost and nothing is said twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.e2e.site import Site
from tests.e2e.watch import Watch

# The longer the site was away, the longer the chat waits before it tries again: half a minute at
# most, and a site takes its time to start on a busy machine.
BACK_MS = 90_000
NO_LINE = "WebSocket connection to .* failed"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo that these tests may kill: nobody else uses it."""
    site = Site(tmp_path_factory.mktemp("site"))
    site.start()
    yield site
    assert site.stop() == 0


def test_what_is_written_offline_is_sent_once_the_network_is_back(chat: Chat, watch: Watch) -> None:
    watch.allow(NO_LINE)
    chat.ask("What does delivery cost?")
    chat.page.context.set_offline(True)
    expect(chat.notice).to_have_text(
        "You are offline. What you write is kept and sent once you are back."
    )
    chat.send("Do you sell gift cards?")
    expect(chat.items.locator(".mine").last).to_have_attribute("data-stage", "waiting")
    chat.page.context.set_offline(False)
    expect(chat.answers).to_have_count(2)
    expect(chat.answers.nth(1)).to_have_attribute("data-status", "complete")
    expect(chat.notice).to_be_empty()
    expect(chat.questions).to_have_count(2)


def test_a_page_reloaded_while_a_message_waits_still_sends_it(
    chat: Chat, site: Site, watch: Watch
) -> None:
    watch.allow(NO_LINE)
    site.kill()
    expect(chat.notice).to_have_text("Connection lost. Reconnecting …")
    chat.send("What does delivery cost?")
    expect(chat.items.locator(".mine")).to_have_attribute("data-stage", "waiting")
    site.start()
    chat.page.reload()
    chat.open()
    expect(chat.answers).to_have_count(1)
    expect(chat.answers).to_have_attribute("data-status", "complete")
    expect(chat.questions).to_have_text(["What does delivery cost?"])


def test_an_answer_survives_the_crash_of_the_process_that_said_it(
    chat: Chat, site: Site, watch: Watch
) -> None:
    watch.allow(NO_LINE)
    answer = chat.send("How do I return something?")
    expect(answer.locator(".tail-text")).not_to_be_empty()
    site.kill()
    site.start()
    # The lease of the dead process has to lapse first.
    expect(answer).to_have_attribute("data-status", "complete", timeout=BACK_MS)
    expect(answer.locator("li")).to_have_count(3)
    expect(chat.questions).to_have_count(1)
    expect(chat.answers).to_have_count(1)
    expect(chat.notice).to_be_empty()


def test_a_restart_lets_the_answer_finish_and_the_chat_go_on(
    chat: Chat, site: Site, watch: Watch
) -> None:
    watch.allow(NO_LINE)
    answer = chat.send("How do I return something?")
    expect(answer.locator(".tail-text")).not_to_be_empty()
    assert site.stop() == 0
    site.start()
    expect(answer).to_have_attribute("data-status", "complete", timeout=BACK_MS)
    expect(answer.locator("li")).to_have_count(3)
    expect(chat.ask("What does delivery cost?")).to_contain_text("€4.90")
    expect(chat.questions).to_have_count(2)
    expect(chat.answers).to_have_count(2)
