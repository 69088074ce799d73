"""The street: camps that escalate in public before media, a public, a state and its elite."""
