"""What conversations remember: widgets, conversations with their messages, prompts, ratings."""

from conversations.models.case import (
    CaseRunState,
    PromptCase,
    PromptCaseResult,
    PromptCaseRun,
    Side,
)
from conversations.models.conversation import (
    Author,
    Conversation,
    Message,
    Outcome,
    Reply,
    ReplyStatus,
)
from conversations.models.customer import Customer
from conversations.models.judgement import Judgement, Note, Review, ReviewSkip, Verdict
from conversations.models.privacy import DataDeed, DeedKind, Hold
from conversations.models.prompt import PromptMove, PromptTemplate, PromptVersion
from conversations.models.reading import Reading, SavedView
from conversations.models.review import Rating, RatingReason, RatingValue
from conversations.models.revocation import Revocation
from conversations.models.schedule import PromptSchedule, ScheduleState
from conversations.models.signing_secret import SigningSecret
from conversations.models.split import PromptSplit
from conversations.models.team import TeamMessage
from conversations.models.widget import Offer, Widget
from conversations.models.words import MessageWords

__all__ = [
    "Author",
    "CaseRunState",
    "Conversation",
    "Customer",
    "DataDeed",
    "DeedKind",
    "Hold",
    "Judgement",
    "Message",
    "MessageWords",
    "Note",
    "Offer",
    "Outcome",
    "PromptCase",
    "PromptCaseResult",
    "PromptCaseRun",
    "PromptMove",
    "PromptSchedule",
    "PromptSplit",
    "PromptTemplate",
    "PromptVersion",
    "Rating",
    "RatingReason",
    "RatingValue",
    "Reading",
    "Reply",
    "ReplyStatus",
    "Review",
    "ReviewSkip",
    "Revocation",
    "SavedView",
    "ScheduleState",
    "Side",
    "SigningSecret",
    "TeamMessage",
    "Verdict",
    "Widget",
]
