"""The organisation: seats, a founder, meetings, estimates of strength, moves, contests and purges among people with minds."""
