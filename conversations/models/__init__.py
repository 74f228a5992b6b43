"""What conversations remember: widgets, conversations with their messages, prompts."""

from conversations.models.conversation import Author, Conversation, Message, Reply, ReplyStatus
from conversations.models.prompt import PromptMove, PromptTemplate, PromptVersion
from conversations.models.widget import Widget

__all__ = [
    "Author",
    "Conversation",
    "Message",
    "PromptMove",
    "PromptTemplate",
    "PromptVersion",
    "Reply",
    "ReplyStatus",
    "Widget",
]
