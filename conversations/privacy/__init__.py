"""What belongs to customers: a copy of what was said, and its erasure."""
