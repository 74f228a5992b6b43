"""A small world with one of everything the admin shows, and people of every role."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from axes.models import AccessLog
from django.contrib.auth.models import Group, User
from django.test import Client

from chatsite.factor.codes import code_now, secret_make
from chatsite.factor.models import FactorEvent
from chatsite.factor.services import factor_set_up
from chatsite.roles import EDITORS, OPERATORS, SUPPORT
from conversations.finding.upkeep import conversations_index
from conversations.identity.secrets import signing_secret_add
from conversations.models import (
    Author,
    Conversation,
    Customer,
    DataDeed,
    Message,
    PromptCase,
    PromptCaseRun,
    PromptSchedule,
    PromptTemplate,
    PromptVersion,
    Reading,
    Reply,
    ReplyStatus,
    SigningSecret,
    Widget,
)
from conversations.prompts.content import PromptContent
from conversations.prompts.schedules import Hours, schedule_create
from conversations.prompts.services import (
    draft_save,
    template_create,
    version_publish,
    version_to_edit,
)
from conversations.proving.services import CaseContent, case_create
from gateway.models import (
    AlertRecipient,
    AlertRule,
    ApiKey,
    Budget,
    Call,
    Job,
    Limit,
    Price,
    Process,
    Provider,
)
from gateway.services import key_add, provider_create

CASE = CaseContent(
    name="Tracking",
    turns=[{"author": "customer", "text": "Where is my order?"}],
    checks=[{"kind": "contains", "text": "tracking"}],
)
SECRET = "sk-canary-0123456789abcdef"

# "nobody" may log in, and has no role.
PEOPLE: dict[str, str | None] = {
    "nobody": None,
    "support": SUPPORT,
    "editor": EDITORS,
    "operator": OPERATORS,
    "owner": None,
}


@dataclass(frozen=True)
class World:
    """What there is, by name."""

    people: dict[str, User]
    template: PromptTemplate
    widget: Widget
    signing_secret: SigningSecret
    conversation: Conversation
    provider: Provider
    key: ApiKey
    price: Price
    limit: Limit
    budget: Budget
    call: Call
    reading: Reading
    process: Process
    job: Job
    group: Group
    schedule: PromptSchedule
    case: PromptCase
    run: PromptCaseRun
    login: AccessLog
    alert: AlertRule
    recipient: AlertRecipient
    customer: Customer
    deed: DataDeed
    guarded: User
    factor_event: FactorEvent

    def client(self, name: str) -> Client:
        """Return a browser in which this person has logged in."""
        client = Client()
        client.force_login(self.people[name])
        return client


def world_make() -> World:
    """Return a world, made anew in the test's database."""
    people = {name: _person(name, role) for name, role in PEOPLE.items()}
    template = _template(people["editor"])
    widget = Widget.objects.create(
        name="Harbour & Pine",
        prompt_template=template,
        allowed_origins=["https://shop.example"],
        suggested_questions=["Where is my order?"],
    )
    provider = provider_create(
        slug="sandbox", name="Sandbox", base_url="http://127.0.0.1:9/v1", is_private=True
    )
    key = key_add(provider=provider, label="first", secret=SECRET, by=people["operator"])
    conversation = conversation_make(widget)
    guarded = _guarded()
    return World(
        people=people,
        template=template,
        widget=widget,
        signing_secret=signing_secret_add(widget=widget, by=people["editor"]).row,
        conversation=conversation,
        provider=provider,
        key=key,
        price=Price.objects.create(
            provider=provider,
            model="sandbox-1",
            prompt_per_million=Decimal("0.4"),
            completion_per_million=Decimal("1.6"),
            valid_from=date(2026, 1, 1),
        ),
        limit=Limit.objects.create(kind="customer", requests_per_minute=6),
        budget=Budget.objects.create(kind="widget", subject=str(widget.pk), money=Decimal(5)),
        call=_call(conversation),
        reading=Reading.objects.create(
            reader=people["owner"],
            reader_name="owner",
            conversation=conversation,
            hour=datetime(2026, 1, 1, tzinfo=UTC),
        ),
        process=Process.objects.create(id="host-1"),
        job=Job.objects.create(name="beat"),
        group=Group.objects.get(name=SUPPORT),
        schedule=schedule_create(
            version=template.versions.get(number=1),
            hours=Hours(datetime(2099, 1, 1, 9, tzinfo=UTC)),
            note="Opening day again",
            by=people["editor"],
        ),
        case=case_create(template=template, content=CASE, by=people["editor"]),
        run=PromptCaseRun.objects.create(template=template, state="finished", draft_digest="x"),
        alert=AlertRule.objects.create(kind="success_rate", threshold=95, bad_minutes=2),
        recipient=AlertRecipient.objects.create(name="On call", address="ops@shop.example"),
        login=AccessLog.objects.create(username="support", ip_address="203.0.113.7"),
        customer=Customer.objects.create(
            widget=widget, external_id="4711", name="Ada", email="ada@shop.example"
        ),
        deed=DataDeed.objects.create(kind="exported", by=people["owner"], by_name="owner"),
        guarded=guarded,
        factor_event=FactorEvent.objects.get(),
    )


def _guarded() -> User:
    """Return somebody with a second factor."""
    person, secret = _person("guarded", None), secret_make()
    factor_set_up(user=person, secret=secret, code=code_now(secret, time.time()))
    return person


def _person(name: str, role: str | None) -> User:
    person = User.objects.create_user(
        name, password="a long passphrase", is_staff=True, is_superuser=name == "owner"
    )
    if role:
        person.groups.add(Group.objects.get(name=role))
    return person


def _template(editor: User) -> PromptTemplate:
    variables = [{"name": "shop", "default": "Harbour", "sample": "", "required": True}]
    content = PromptContent(instructions="You speak for {{shop}}.", variables=variables)
    template = template_create(name="Shop", content=content, by=editor)
    first = version_publish(draft=_editable(template), note="Opening day", by=editor)
    second = draft_save(
        template=template,
        content=PromptContent(instructions="You speak kindly."),
        seen=first.changed_at,
        by=editor,
    )
    published = version_publish(draft=second, by=editor)
    draft_save(
        template=template,
        content=PromptContent(instructions="You speak briefly.", temperature=0.2),
        seen=published.changed_at,
        by=editor,
    )
    template.refresh_from_db()
    return template


def _editable(template: PromptTemplate) -> PromptVersion:
    version = version_to_edit(template)
    assert version is not None
    return version


def conversation_make(
    widget: Widget,
    *,
    opening: str = "Where is my order?",
    answer: str = "It is **on its way**.",
    statuses: tuple[ReplyStatus, ...] = tuple(ReplyStatus),
) -> Conversation:
    """Return a conversation with a question and an answer for each status."""
    version = widget.prompt_template.live
    assert version is not None
    conversation = Conversation.objects.create(
        widget=widget,
        visitor=uuid.uuid4(),
        prompt_version=version,
        opening=opening,
        message_count=2 * len(statuses),
        revision=len(statuses),
        page_url="https://shop.example/lamps",
        locale="en",
    )
    for number, status in enumerate(statuses):
        question = Message.objects.create(
            conversation=conversation,
            position=2 * number + 1,
            revision=number + 1,
            author=Author.CUSTOMER,
            text=opening,
        )
        message = Message.objects.create(
            conversation=conversation,
            position=2 * number + 2,
            revision=number + 1,
            author=Author.ASSISTANT,
            text="" if status in {ReplyStatus.QUEUED, ReplyStatus.FAILED} else answer,
        )
        Reply.objects.create(
            message=message, question=question, prompt_version=version, status=status, attempt=1
        )
    conversations_index(after=None, batch=10)
    conversation.refresh_from_db()
    return conversation


def _call(conversation: Conversation) -> Call:
    reply = Reply.objects.filter(message__conversation=conversation).earliest("message__position")
    attempt = {
        "provider": "sandbox",
        "model": "sandbox-1",
        "key": "first",
        "wait_ms": 0,
        "status": 429,
        "error": "throttled",
        "took_ms": 90,
    }
    return Call.objects.create(
        outcome="succeeded",
        provider="sandbox",
        model="sandbox-1",
        key_label="first",
        attempts=[attempt, {**attempt, "status": 200, "error": "", "wait_ms": 500}],
        prompt_tokens=120,
        completion_tokens=30,
        cost=Decimal("0.00012"),
        currency="USD",
        conversation=str(conversation.pk),
        reply=f"{reply.pk}.1",
    )
