"""Code that reads what strategies send: sources, dialects and their values."""
