"""A client of OpenAI-compatible chat completions in pure asyncio; it knows no Django."""
