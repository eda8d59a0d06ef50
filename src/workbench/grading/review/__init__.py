"""Answers in words, read by people: without names, question by question, each mark saved as it is given.

A *desk* (`desk`) is where somebody reads: at the gradebook itself, or at a file with their share of the answers
(`assignment`), which is merged into the gradebook later. `app` is the web page on either, `server` serves it to this
machine alone. What students wrote is hostile text: it crosses as JSON, and the page never takes it for anything but text.
"""
