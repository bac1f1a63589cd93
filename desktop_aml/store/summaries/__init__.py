"""Values that stand for all points of a metric, and how scalars are kept."""
