"""What was handed in: archives read under caps, whose each file is, and the inbox, in which nothing is changed."""
