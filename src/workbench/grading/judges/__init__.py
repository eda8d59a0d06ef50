"""Checks and keys, in a process of their own that sees values alone; transcripts, and what a judgement rests on."""
