"""Minds: what an actor predicts, cares about, suspects, remembers, and how it chooses; shared by both arenas."""
