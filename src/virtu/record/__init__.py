"""What a run gave, kept: whole run directories, and exports to other tools."""
