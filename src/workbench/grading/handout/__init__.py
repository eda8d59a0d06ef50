"""What goes out: a student's bundle, and nbgrader's layout, in both directions."""
