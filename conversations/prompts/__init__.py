"""How the bot speaks: placeholders filled, drafts saved, versions published and compared."""
