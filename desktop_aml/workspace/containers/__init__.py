"""What Desktop AML has on the Docker engine, as people see it."""
