"""One submission from its first cell to its last question; keys for any parameters; the author's own runs."""
