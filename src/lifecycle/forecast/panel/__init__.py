"""Many series at once: cut from a table, forecast and validated through an executor, watched, fitted again in time."""
