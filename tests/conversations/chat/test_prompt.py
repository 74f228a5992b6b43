from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from conversations.chat.attributes import Attributes
from conversations.chat.leases import Claim
from conversations.chat.prompt import history_trim, reply_question
from conversations.chat.services import Visit, message_receive
from conversations.models import Customer, Message, PromptVersion, Reply, Widget
from conversations.prompts.estimate import tokens_estimate
from gateway.engine.types import ChatMessage, Role


def test_chinese_counts_more_than_latin() -> None:
    assert tokens_estimate("退货政策是什么") > tokens_estimate("returns")


def test_the_newest_messages_stay() -> None:
    newest_first = [ChatMessage(Role.USER, text * 40) for text in "cba"]
    kept = history_trim(newest_first, 2 * tokens_estimate("x" * 40))
    assert [message.content[0] for message in kept] == ["b", "c"]


def test_the_question_itself_always_stays() -> None:
    assert len(history_trim([ChatMessage(Role.USER, "x" * 4000)], 1)) == 1


@given(st.lists(st.text()), st.integers(0, 500))
def test_it_keeps_an_unbroken_end_of_the_history(texts: list[str], budget: int) -> None:
    newest_first = [ChatMessage(Role.USER, text) for text in texts]
    kept = history_trim(newest_first, budget)
    assert kept == newest_first[: len(kept)][::-1]
    assert len(kept) <= 1 or sum(tokens_estimate(m.content) for m in kept) <= budget


def version_change(**fields: object) -> None:
    """Make the live version say something else: a test need not publish."""
    version = PromptVersion.objects.get()
    for name, value in fields.items():
        setattr(version, name, value)
    models.Model.save(version)


def claimed(visit: Visit, text: str, conversation: UUID | None = None) -> Claim:
    receipt = message_receive(
        visit=visit, conversation=conversation, client_id=uuid4(), text=text, owner="me"
    )
    assert receipt.claim is not None
    return receipt.claim


@pytest.mark.django_db
def test_a_reply_is_counted_for_its_widget_and_its_customer(visit: Visit) -> None:
    request = reply_question(claimed(visit, "When do you open?")).request
    assert request.scopes == {"widget": str(visit.widget), "customer": str(visit.visitor)}
    assert request.labels.items() >= request.scopes.items()


@pytest.mark.django_db
def test_a_prompt_may_use_what_the_website_says_of_a_signed_in_customer(visit: Visit) -> None:
    names = ("customer_name", "customer_plan", "customer_orders", "customer_language")
    template = Widget.objects.get().prompt_template
    template.live = PromptVersion.objects.create(
        template=template,
        number=2,
        instructions=" / ".join(f"{{{{{name}}}}}" for name in names),
        variables=[
            *(
                {
                    "name": f"customer_{attribute}",
                    "default": "-",
                    "source": "customer.attribute",
                    "attribute": attribute,
                }
                for attribute in ("name", "plan", "orders")
            ),
            {"name": "customer_language", "default": "-"},
        ],
    )
    template.save()
    customer = Customer.objects.create(
        widget_id=visit.widget,
        external_id="7",
        name="{{customer_plan}}",
        attributes={"plan": "gold", "orders": 3, "language": "fr", "name": "Eve"},
    )
    signed_in = reply_question(
        claimed(replace(visit, customer=customer.pk), "When do you open?")
    ).request
    # A value stays text, and no attribute poses as what the site itself knows.
    assert signed_in.messages[0].content == "{{customer_plan}} / gold / 3 / en"
    assert signed_in.scopes["customer"] == str(customer.pk)
    anonymous = reply_question(claimed(visit, "When do you open?")).request
    assert anonymous.messages[0].content == "- / - / - / en"


@pytest.mark.django_db
def test_a_prompt_may_use_what_the_page_says_but_never_as_if_it_were_vouched_for(
    visit: Visit,
) -> None:
    template = Widget.objects.get().prompt_template
    template.live = PromptVersion.objects.create(
        template=template,
        number=2,
        instructions="{{basket}} / {{plan}}",
        variables=[
            {"name": name, "default": "-", "source": f"{source}.attribute", "attribute": name}
            for name, source in (("basket", "page"), ("plan", "customer"))
        ],
    )
    template.save()
    customer = Customer.objects.create(widget_id=visit.widget, external_id="7")
    said: Attributes = {"basket": 3, "plan": "gold"}
    for owner in (visit, replace(visit, customer=customer.pk)):
        request = reply_question(
            claimed(replace(owner, attributes=said), "When do you open?")
        ).request
        assert request.messages[0].content == "3 / -"


@pytest.mark.django_db
def test_only_a_template_that_allows_it_has_its_first_answers_repeated(visit: Visit) -> None:
    assert reply_question(claimed(visit, "When do you open?")).request.cache is None
    template = Widget.objects.get().prompt_template
    template.live = PromptVersion.objects.create(
        template=template, number=2, instructions="Q: When do you open?", may_cache=True
    )
    template.save()
    claim = claimed(visit, "When do you open?")
    first = reply_question(claim).request.cache
    stranger = reply_question(
        claimed(replace(visit, visitor=uuid4()), "When do you open?")
    ).request.cache
    assert first == stranger
    assert first is not None
    assert str(visit.widget) in first.scope
    Message.objects.filter(pk=claim.reply).update(text="At nine.")
    Reply.objects.filter(pk=claim.reply).update(status="complete", owner="", lease_until=None)
    later = claimed(visit, "And on Sundays?", claim.conversation)
    assert reply_question(later).request.cache is None


@pytest.mark.django_db
def test_examples_are_turns_before_the_conversations_own(visit: Visit) -> None:
    version_change(examples=[{"customer": "Hi", "answer": "Hello!"}])
    request = reply_question(claimed(visit, "When do you open?")).request
    assert [(message.role, message.content) for message in request.messages[1:]] == [
        (Role.USER, "Hi"),
        (Role.ASSISTANT, "Hello!"),
        (Role.USER, "When do you open?"),
    ]


@pytest.mark.django_db
def test_a_customer_is_answered_from_the_words_in_their_language(visit: Visit) -> None:
    version_change(translations={"zh-hans": {"instructions": "友善。", "examples": []}})
    chinese = replace(visit, locale="zh-cn", visitor=uuid4())
    assert reply_question(claimed(chinese, "几点开门？")).request.messages[0].content == "友善。"
    other = replace(visit, locale="de", visitor=uuid4())
    assert "At nine" in reply_question(claimed(other, "Wann?")).request.messages[0].content


@pytest.mark.django_db
def test_variables_are_filled_from_the_conversations_circumstances(visit: Visit) -> None:
    version_change(
        instructions="{{shop}} / {{where}} / {{tongue}}",
        variables=[
            {"name": "shop", "source": "widget.name"},
            {"name": "where", "source": "page.address"},
            {"name": "tongue", "source": "customer.language"},
        ],
    )
    request = reply_question(claimed(visit, "Hello?")).request
    assert request.messages[0].content == "Shop / https://shop.example/ / en"


@pytest.mark.django_db
def test_a_turn_is_read_in_two_queries(visit: Visit) -> None:
    claim = claimed(visit, "When do you open?")
    version_change(route=[["sandbox", "sandbox-1"]], published_at=timezone.now())
    first = reply_question(claim).request  # after which the process knows the version
    with CaptureQueriesContext(connection) as queries:
        assert reply_question(claim).request == first
    assert len(queries) == 2


@pytest.mark.django_db
def test_what_the_website_says_of_a_customer_is_masked_where_the_widget_says_so(
    visit: Visit,
) -> None:
    version_change(
        instructions="{{mail}} / {{orders}} / {{today}}",
        variables=[
            {"name": "mail", "source": "customer.attribute", "attribute": "mail"},
            {
                "name": "orders",
                "type": "number",
                "source": "customer.attribute",
                "attribute": "orders",
            },
            {"name": "today", "source": "time.date"},
        ],
    )
    Widget.objects.update(is_masking=True)
    attributes = {"mail": "anna@example.com", "orders": "13800138000"}
    customer = Customer.objects.create(
        widget_id=visit.widget, external_id="7", attributes=attributes
    )
    question = reply_question(claimed(replace(visit, customer=customer.pk), "anna@example.com?"))
    system, asked = question.request.messages
    assert system.content.startswith("[EMAIL-1] / [PHONE-1] / 20")
    assert asked.content == "[EMAIL-1]?"
    assert question.mask.unmask("[EMAIL-1] [PHONE-1]") == "anna@example.com 13800138000"


@pytest.mark.django_db
def test_a_value_keeps_its_number_when_its_message_does_not_fit_any_more(visit: Visit) -> None:
    version_change(history_tokens=20)
    Widget.objects.update(is_masking=True)
    conversation = None
    for text in ("a@example.com", "b@example.com " + "and so on " * 20, "b@example.com"):
        receipt = message_receive(
            visit=visit, conversation=conversation, client_id=uuid4(), text=text, owner="me"
        )
        conversation = receipt.conversation
        Reply.objects.update(status="complete", owner="")
    assert receipt.claim is not None
    messages = reply_question(receipt.claim).request.messages
    assert [message.content for message in messages[1:]] == ["[EMAIL-2]"]
