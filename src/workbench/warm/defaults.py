"""What the zygote of a user's tools is called, and when it ends or is full, where nobody says otherwise."""

NAME = "python3-warm"
IDLE = 600.0  # seconds without work
MEMORY = 1 << 30  # bytes
