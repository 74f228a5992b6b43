"""Who may open the dashboard: whoever may look at calls."""

PERMISSION = "gateway.view_call"
