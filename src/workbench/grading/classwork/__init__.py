"""A class: what there is to do, where it runs, what came of it; and regrading."""
