"""What staff read: conversations found, and transcripts as they were lived."""
