"""From a log of who did what to whom in an organisation back to what its people are like: histories in which the logged moves are made."""
