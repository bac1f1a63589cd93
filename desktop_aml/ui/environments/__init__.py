"""The pages of environments: specification, problems, build, exact packages. Parsing and building are the engine's."""
