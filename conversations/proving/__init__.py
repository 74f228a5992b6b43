"""Prompts put to the proof before customers meet them: tried by hand, and by test cases."""
