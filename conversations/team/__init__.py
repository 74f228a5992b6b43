"""Messages that customers leave for the team: taken, mailed, closed."""
