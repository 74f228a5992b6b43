"""The gateway in figures: counts and percentiles by minute, hour and day, kept and read again."""
