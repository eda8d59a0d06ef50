"""What comes out: the instructor's report, feedback for students, exports for learning platforms."""
