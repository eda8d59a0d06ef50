"""Who is in the class, and on what terms: rosters, extensions and excused work. Names are hostile text too."""
