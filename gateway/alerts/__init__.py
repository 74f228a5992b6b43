"""Messages to operators when something needs them: rules, recipients, delivery."""
