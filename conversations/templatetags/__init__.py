"""What transcripts need in templates."""
