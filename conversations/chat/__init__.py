"""The chat: from a customer's frame to an answer that streams, and is never lost."""
