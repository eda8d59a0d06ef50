"""A submitted notebook becomes work to be run: parsed under caps, recognised cell by cell, mended and flagged."""
