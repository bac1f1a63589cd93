"""Desktop AML: local machine-learning experiments in one window."""
