"""Grading: submissions are hostile data until a sandboxed process has run them and another one has judged what came out.

Shared by all rooms, and plain data: ``manifest`` (what was handed out), ``work`` (what is to be run), ``outcome`` (what
came of it), ``frames`` (messages between processes). The rooms, none of which imports one that stands after it: ``people``,
``arrivals``, ``notebooks``, ``sandbox``, ``judges``, ``execution``, ``handout``, ``book``, ``classwork``, ``reports``,
``review``.
"""
