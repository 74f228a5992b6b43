"""What websites embed: the loader, the panel in its frame, and the chat as a page of its own."""
