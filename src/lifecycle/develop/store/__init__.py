"""A feature store on DuckDB: registered, versioned views, joined as they were known at the time.

`feature_store` is the door. `feature_views` says what a view is, `feature_catalog` keeps views and lineage, `point_in_time`
and `view_join` join labels with the past, `serving` looks one entity up, `store_file` opens and guards the file.
"""
