"""What every turn asks of the database, each statement written once.

Only what runs in each turn stands here; everything rarer is plain ORM where it is needed.
"""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BooleanField,
    CharField,
    DateTimeField,
    Exists,
    FilteredRelation,
    JSONField,
    OuterRef,
    PositiveIntegerField,
    Q,
    QuerySet,
    TextField,
    UUIDField,
)

from conversations.chat.rows import TOLD, Asked, Locked, Told, WayBasis, told
from conversations.models import (
    Author,
    Conversation,
    Message,
    Reply,
    ReplyStatus,
    TeamMessage,
    Widget,
)
from conversations.models.conversation import OPEN_STATUSES
from conversations.prompts.assignment import Choice
from gateway.prepared import Insert, Parameter, Select, Update

NATURAL = PositiveIntegerField()
NATURAL_OR_NONE = PositiveIntegerField(null=True)
TEXT = TextField()
WORD = CharField()
FLAG = BooleanField()
MOMENT = DateTimeField()
MOMENT_OR_NONE = DateTimeField(null=True)
ID = UUIDField()

# An offer further back was passed over, and a long conversation must cost what a short one does.
OFFERED_MESSAGES = 40

CONVERSATION = Parameter("conversation", ID)
POSITION = Parameter("position", NATURAL)
REVISION = Parameter("revision", NATURAL)
REPLY = Parameter("reply", NATURAL)
NOW = Parameter("now", MOMENT)


def _locked() -> QuerySet[Conversation, Any]:
    return Conversation.objects.select_for_update().values_list(
        *("pk", "prompt_version", "revision", "message_count", "outcome", "failed_count"),
        *("has_asked_for_human", "most_repeated", "tokens"),
    )


def _owned() -> QuerySet[Reply]:
    return Reply.objects.filter(
        pk=REPLY,
        owner=Parameter("owner", WORD),
        attempt=Parameter("attempt", NATURAL),
        status=ReplyStatus.RUNNING,
    )


live_versions = Select(
    lambda: (
        Widget.objects.filter(
            pk=Parameter("widget", NATURAL), is_active=True, prompt_template__live__isnull=False
        )
        .annotate(
            split=FilteredRelation(
                "prompt_template__splits", condition=Q(prompt_template__splits__ended_at=None)
            )
        )
        .values_list("prompt_template__live", "split", "split__challenger", "split__percent")
    ),
    Choice,
)

conversation_known = Select(
    lambda: Conversation.objects.filter(pk=CONVERSATION).values_list("pk"), lambda pk: pk
)

conversation_lock = Select(lambda: _locked().filter(pk=CONVERSATION), Locked)

conversation_lock_of_visitor = Select(
    lambda: _locked().filter(
        pk=CONVERSATION,
        widget=Parameter("widget", NATURAL),
        visitor=Parameter("visitor", ID),
        customer=None,
    ),
    Locked,
)

conversation_lock_of_customer = Select(
    lambda: _locked().filter(
        pk=CONVERSATION,
        widget=Parameter("widget", NATURAL),
        customer=Parameter("customer", ID),
    ),
    Locked,
)

conversation_add = Insert(
    Conversation,
    {
        "pk": CONVERSATION,
        "widget_id": Parameter("widget", NATURAL),
        "visitor": Parameter("visitor", ID),
        "customer_id": Parameter("customer", UUIDField(null=True)),
        "prompt_version_id": Parameter("version", NATURAL),
        "locale": Parameter("locale", WORD),
        "page_url": Parameter("page", WORD),
        "attributes": Parameter("attributes", JSONField()),
        "opening": Parameter("opening", WORD),
        "created_at": NOW,
        "active_at": NOW,
    },
    ignore_conflicts=True,
)

conversation_advance = Update(
    lambda: Conversation.objects.filter(pk=CONVERSATION),
    revision=REVISION,
    active_at=NOW,
    message_count=Parameter("message_count", NATURAL),
    outcome=Parameter("outcome", WORD),
    failed_count=Parameter("failed_count", NATURAL),
    has_asked_for_human=Parameter("has_asked_for_human", FLAG),
    most_repeated=Parameter("most_repeated", NATURAL),
    tokens=Parameter("tokens", NATURAL),
)

message_sent_before = Select(
    lambda: Message.objects.filter(
        conversation=CONVERSATION, client_id=Parameter("client_id", ID)
    ).values_list("position", "revision", "text"),
    lambda *row: row,
)

# The same browser's, whoever was signed in there: an id is made for one message alone.
message_kept_elsewhere = Select(
    lambda: Message.objects.filter(
        client_id=Parameter("client_id", ID),
        conversation__widget=Parameter("widget", NATURAL),
        conversation__visitor=Parameter("visitor", ID),
    ).values_list("pk"),
    lambda *row: row,
)

messages_add = Insert(
    Message,
    {
        "conversation_id": CONVERSATION,
        "position": POSITION,
        "revision": REVISION,
        "author": Author.CUSTOMER,
        "client_id": Parameter("client_id", ID),
        "text": Parameter("text", TEXT),
        "created_at": NOW,
    },
    {
        "conversation_id": CONVERSATION,
        "position": Parameter("answer_position", NATURAL),
        "revision": REVISION,
        "author": Author.ASSISTANT,
        "created_at": NOW,
    },
)

reply_add = Insert(
    Reply,
    {
        "message_id": REPLY,
        "question_id": Parameter("question", NATURAL),
        "prompt_version_id": Parameter("version", NATURAL),
        "status": Parameter("status", WORD),
        "attempt": Parameter("attempt", NATURAL),
        "owner": Parameter("owner", WORD),
        "lease_until": Parameter("lease_until", MOMENT_OR_NONE),
        "started_at": Parameter("started_at", MOMENT_OR_NONE),
    },
)

reply_open_first = Select(
    lambda: (
        Reply.objects.filter(message__conversation=CONVERSATION, status__in=OPEN_STATUSES)
        .order_by("message__position")
        .values_list("pk")[:1]
    ),
    lambda pk: pk,
)

reply_end = Update(
    _owned,
    status=Parameter("status", WORD),
    error_code=Parameter("error_code", WORD),
    finish_reason=Parameter("finish_reason", WORD),
    provider=Parameter("provider", WORD),
    model=Parameter("model", WORD),
    key_label=Parameter("key_label", WORD),
    prompt_tokens=Parameter("prompt_tokens", NATURAL_OR_NONE),
    completion_tokens=Parameter("completion_tokens", NATURAL_OR_NONE),
    first_token_ms=Parameter("first_token_ms", NATURAL_OR_NONE),
    total_ms=Parameter("total_ms", NATURAL_OR_NONE),
    sent_digest=Parameter("sent_digest", WORD),
    offers_team=Parameter("offers_team", FLAG),
    ended_at=NOW,
    lease_until=None,
)

lease_renew = Update(_owned, lease_until=Parameter("lease_until", MOMENT))

message_keep = Update(lambda: Message.objects.filter(pk=REPLY), text=Parameter("text", TEXT))

message_say = Update(
    lambda: Message.objects.filter(pk=REPLY), text=Parameter("text", TEXT), revision=REVISION
)

messages_changed = Select(
    lambda: told(CONVERSATION).filter(revision__gt=REVISION).values_list(*TOLD), Told
)

way_basis = Select(
    lambda: (
        Conversation.objects.filter(pk=CONVERSATION)
        .annotate(
            is_offered=Exists(
                Reply.objects.filter(
                    message__conversation=OuterRef("pk"),
                    message__position__gt=OuterRef("message_count") - OFFERED_MESSAGES,
                    offers_team=True,
                )
            ),
            has_left=Exists(TeamMessage.objects.filter(conversation=OuterRef("pk"))),
        )
        .values_list(
            *("has_asked_for_human", "failed_count", "is_offered", "has_left", "revision"),
            *("widget__team_offers", "widget__team_failures"),
            *("widget__office_hours", "widget__time_zone"),
        )
    ),
    WayBasis,
)

reply_asked = Select(
    lambda: Reply.objects.filter(pk=REPLY).values_list(
        *("question__position", "question__conversation", "question__conversation__widget"),
        *("question__conversation__widget__name", "question__conversation__visitor"),
        *("question__conversation__customer", "question__conversation__customer__name"),
        *("question__conversation__customer__attributes", "question__conversation__attributes"),
        *("question__conversation__locale", "question__conversation__page_url"),
        "question__conversation__widget__is_masking",
        "question__conversation__widget__forbidden_regions",
        *("prompt_version", "prompt_version__published_at"),
    ),
    Asked,
)


def history(limit: int) -> Select[tuple[str, str]]:
    """Return the statement that reads the newest messages up to a position, newest first."""
    return Select(
        lambda: (
            Message.objects.filter(conversation=CONVERSATION, position__lte=POSITION)
            .exclude(text="")
            .order_by("-position")
            .values_list("author", "text")[:limit]
        ),
        lambda author, text: (author, text),
    )
