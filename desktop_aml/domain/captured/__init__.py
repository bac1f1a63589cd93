"""What is recorded of a plain script: what was seen of it, and what its log says. Values and rules, no I/O."""
