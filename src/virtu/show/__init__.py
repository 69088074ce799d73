"""What a record holds, shown: figures, terminal tables and reports. Nothing here runs anything."""
