"""The only place with SQL: the workspace's database and its content-addressed files."""
