"""What was used and on what: digests of rows, manifests of files and settings, the environment of a computation."""
