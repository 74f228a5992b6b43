"""What admin pages are made of, here and on the floors above; importing it registers nothing."""
