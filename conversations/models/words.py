"""What each message is found by."""

from __future__ import annotations

from django.db import models

from conversations.models.conversation import Conversation, Message
from conversations.models.terms import TermsField


class MessageWords(models.Model):
    """A message's terms, apart from the message, which changes while an answer is written.

    Written in the transaction that makes the message's text final, gone with the message.
    ``digest`` is equal for two questions in the same words.
    """

    message = models.OneToOneField(
        Message, primary_key=True, on_delete=models.CASCADE, related_name="words"
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    digest = models.BigIntegerField(null=True)
    terms = TermsField()

    class Meta:
        verbose_name = "words of a message"
        verbose_name_plural = "words of messages"
        default_permissions = ()
        indexes = (
            models.Index(
                fields=("conversation", "digest", "message"), name="words_by_conversation"
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)
