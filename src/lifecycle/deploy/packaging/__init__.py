"""One sealed package for one model: code, weights, configuration, schema, dependencies, and what to expect of them."""

from __future__ import annotations
