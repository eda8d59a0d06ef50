"""Release: gates with evidence, versions, ways to switch, what it runs on and what that costs."""
