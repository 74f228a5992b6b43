"""A small world with one of everything the admin shows, and people of every role."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

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
from tests.admin_gateway import GatewayWorld, gateway_make

CASE = CaseContent(
    name="Tracking",
    turns=[{"author": "customer", "text": "Where is my order?"}],
    checks=[{"kind": "contains", "text": "tracking"}],
)

# Replies of which nothing was heard.
SILENT = {ReplyStatus.QUEUED, ReplyStatus.FAILED}

# "nobody" may log in, and has no role.
PEOPLE: dict[str, str | None] = {
    "nobody": None,
    "support": SUPPORT,
    "editor": EDITORS,
    "operator": OPERATORS,
    "owner": None,
}


@dataclass(frozen=True)
class World(GatewayWorld):
    """What there is, by name."""

    people: dict[str, User]
    template: PromptTemplate
    widget: Widget
    signing_secret: SigningSecret
    conversation: Conversation
    reading: Reading
    group: Group
    schedule: PromptSchedule
    case: PromptCase
    run: PromptCaseRun
    login: AccessLog
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
    editor, owner = people["editor"], people["owner"]
    template = _template(editor)
    widget = _widget(template)
    conversation = conversation_make(widget)
    return World(
        **vars(gateway_make(people["operator"], widget, conversation)),
        people=people,
        template=template,
        widget=widget,
        signing_secret=signing_secret_add(widget=widget, by=editor).row,
        conversation=conversation,
        reading=_reading(conversation, owner),
        group=Group.objects.get(name=SUPPORT),
        schedule=_schedule(template, editor),
        case=case_create(template=template, content=CASE, by=editor),
        run=PromptCaseRun.objects.create(template=template, state="finished", draft_digest="x"),
        login=AccessLog.objects.create(username="support", ip_address="203.0.113.7"),
        customer=Customer.objects.create(
            widget=widget, external_id="4711", name="Ada", email="ada@shop.example"
        ),
        deed=DataDeed.objects.create(kind="exported", by=owner, by_name="owner"),
        guarded=_guarded(),
        factor_event=FactorEvent.objects.get(),
    )


def _widget(template: PromptTemplate) -> Widget:
    return Widget.objects.create(
        name="Harbour & Pine",
        prompt_template=template,
        allowed_origins=["https://shop.example"],
        suggested_questions=["Where is my order?"],
    )


def _reading(conversation: Conversation, owner: User) -> Reading:
    hour = datetime(2026, 1, 1, tzinfo=UTC)
    return Reading.objects.create(
        reader=owner, reader_name="owner", conversation=conversation, hour=hour
    )


def _schedule(template: PromptTemplate, editor: User) -> PromptSchedule:
    return schedule_create(
        version=template.versions.get(number=1),
        hours=Hours(datetime(2099, 1, 1, 9, tzinfo=UTC)),
        note="Opening day again",
        by=editor,
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
        _turn(conversation, number, status, (opening, answer))
    conversations_index(after=None, batch=10)
    conversation.refresh_from_db()
    return conversation


def _turn(
    conversation: Conversation, number: int, status: ReplyStatus, texts: tuple[str, str]
) -> None:
    opening, answer = texts
    question, message = (
        Message.objects.create(
            conversation=conversation,
            position=2 * number + offset,
            revision=number + 1,
            author=author,
            text=text,
        )
        for offset, author, text in (
            (1, Author.CUSTOMER, opening),
            (2, Author.ASSISTANT, answer if status not in SILENT else ""),
        )
    )
    Reply.objects.create(
        message=message,
        question=question,
        prompt_version=conversation.prompt_version,
        status=status,
        attempt=1,
    )
