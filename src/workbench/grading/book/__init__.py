"""The gradebook: verdicts, terms, overrides and reviews, from which scores follow."""
