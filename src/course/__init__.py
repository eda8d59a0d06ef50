"""The content of the course: catalogue, masters of lessons and exercises, checks, quizzes."""
