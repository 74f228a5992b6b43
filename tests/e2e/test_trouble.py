"""What the customer sees when something goes wrong behind the chat, or in front of it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.chat import Chat


def test_an_answer_that_breaks_off_keeps_its_text_and_can_be_tried_again(chat: Chat) -> None:
    answer = chat.ask("/fault cut 3")
    expect(answer).to_have_attribute("data-status", "interrupted")
    expect(answer.locator(".prose")).not_to_be_empty()
    expect(answer.locator(".end")).to_contain_text("The answer was cut short.")
    chat.retry(answer)
    expect(answer).to_have_attribute("data-status", "interrupted")
    expect(chat.answers).to_have_count(1)


def test_an_answer_that_fails_says_so_kindly_and_can_be_tried_again(chat: Chat) -> None:
    answer = chat.ask("/fault 500")
    expect(answer).to_have_attribute("data-status", "failed")
    expect(answer.locator(".prose")).to_be_empty()
    expect(answer.locator(".end")).to_contain_text("Something went wrong on our side.")
    for secret in ("500", "HTTP", "sandbox", "Error"):
        expect(answer).not_to_contain_text(secret)
    expect(chat.button("Try again")).to_be_visible()
    expect(chat.ask("What does delivery cost?")).to_contain_text("€4.90")


def test_a_message_that_is_too_long_stays_in_the_field(chat: Chat) -> None:
    text = "long " * 801
    chat.field.fill(text)
    expect(chat.root.locator(".count")).to_have_text("Too long by 4 characters")
    expect(chat.button("Send")).to_be_disabled()
    chat.field.press("Enter")
    expect(chat.field).to_have_value(text)
    expect(chat.items).to_be_empty()


def test_a_message_that_the_site_refuses_is_given_back(chat: Chat) -> None:
    # A page that was opened before the limit was lowered does not know better.
    chat.root.locator("#chatsite").wait_for(state="attached")
    chat.field.fill("long " * 801)
    chat.button("Send").evaluate(
        "(button) => { button.disabled = false; button.form.requestSubmit(); }"
    )
    expect(chat.items.locator(".mine")).to_have_attribute("data-stage", "refused")
    expect(chat.items.locator(".fate")).to_contain_text("Not sent. That message is too long.")
    chat.button("Edit").click()
    expect(chat.field).to_have_value(("long " * 801).strip())
    expect(chat.items.locator(".mine")).to_have_count(0)
