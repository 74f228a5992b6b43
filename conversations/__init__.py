"""Customers, their conversations, and the prompts that decide how the bot speaks."""
