"""How a configuration becomes a run: what is asked of the workspace, and what containers are asked for."""
